import { readPriceFile } from '../../accounting/read-price-file.ts';
import { findRun } from '../../export/find-run.ts';
import { isEmulatorName } from '../../completion/service.ts';
import { mergeShards } from '../../fleet/shards/merge-shards.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { terminalSummary } from '../../report/terminal-summary.ts';
import { visible, visibleLine } from '../../text/visible.ts';
import { exitCodeReason } from '../exit-code.ts';
import { rejectExamples } from '../reject-examples.ts';
import type { mergeFlags } from '../settings/flags/fleet-flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `gleaner merge <dir>... --out <dir>`: one run directory of the shards of an input; the exit code is that of a run over all of it. */
export async function mergeCommand(
  directories: readonly string[],
  settings: Settings<typeof mergeFlags>,
  terminal: Terminal,
): Promise<number> {
  const out = settings.text('out');
  if (out === undefined || out.trim() === '') {
    throw new GleanerError(
      'usage',
      'Cannot merge: no run directory is given; name one with --out, such as --out runs/all',
    );
  }
  const prices = settings.text('prices');
  const usage = await mergeShards(directories, {
    out,
    maxRejectRate: settings.number('max-reject-rate'),
    minRecords: settings.number('min-records'),
    ...(prices === undefined ? {} : { prices: await readPriceFile(prices) }),
    onNotice: (notice) => void terminal.stderr.write(`${visibleLine(notice)}\n`),
  });
  if (settings.isOn('json')) {
    terminal.stdout.write(`${JSON.stringify(usage, null, 2)}\n`);
    return usage.exitCode;
  }
  const summary = terminalSummary(usage, out, {
    isEmulated: isEmulatorName(findRun(out).manifest.identity['service']),
    rejectExamples: rejectExamples(out, usage),
    width: terminal.stdout.columns,
  });
  terminal.stdout.write(`${visible(summary)}\n`);
  const why = exitCodeReason(usage);
  if (why !== undefined) terminal.stderr.write(`${why}\n`);
  return usage.exitCode;
}
