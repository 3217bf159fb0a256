import type { ChunkQueue } from '../fleet/queue/chunk-queue.ts';
import { withdrawRun } from '../fleet/queue/withdraw-run.ts';
import type { PartStore } from '../fleet/parts/part-store.ts';
import { counted } from '../text/counted.ts';
import { formatUsd } from '../text/format.ts';
import { visibleLine } from '../text/visible.ts';
import { EXIT_CODES } from './exit-code.ts';
import type { Terminal } from './terminal/terminal.ts';

/** `gleaner submit ... --withdraw`: empties the queue of a run, and says what was paid. */
export async function withdraw(
  { store, queue, out }: { store: PartStore; queue: ChunkQueue; out: string },
  terminal: Terminal,
  { isJson }: { isJson: boolean },
): Promise<number> {
  const withdrawn = await withdrawRun(store, queue, out);
  if (isJson) {
    terminal.stdout.write(`${JSON.stringify({ out, ...withdrawn })}\n`);
    return EXIT_CODES.ok;
  }
  const { run, active, attempts, ended } = withdrawn;
  const money = ended.usd === null ? 'of unknown cost' : `for ${formatUsd(ended.usd)}`;
  const said = [
    `Withdrew ${run} from ${queue.name}: no chunk of it is begun any more${active === 0 ? '' : `, ${counted(active, 'chunk')} at work ${active === 1 ? 'comes' : 'come'} to an end`}`,
    `Ended are ${counted(ended.chunks, 'chunk')} with ${counted(ended.records, 'record')}, ${counted(ended.tokens, 'token')} ${money}${attempts > ended.chunks ? `; ${counted(attempts - ended.chunks, 'other attempt')} may have paid for more` : ''}`,
    `The parts stay in ${store.name}: the same command without --withdraw goes on`,
  ];
  terminal.stderr.write(`${said.map((line) => visibleLine(line)).join('\n')}\n`);
  return EXIT_CODES.ok;
}
