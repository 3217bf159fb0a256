import { describeModels, type ModelFacts } from '../../models/describe-models.ts';
import { formatCount } from '../../text/format.ts';
import { EXIT_CODES } from '../exit-code.ts';
import type { modelsFlags } from '../settings/flags/before-flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

const ISO_DAY = '2026-01-31';

/** `gleaner models`: what is known of each model, and what it costs today. */
export async function modelsCommand(
  _operands: readonly string[],
  settings: Settings<typeof modelsFlags>,
  terminal: Terminal,
): Promise<number> {
  const facts = describeModels(new Date().toISOString().slice(0, ISO_DAY.length));
  if (settings.isOn('json')) terminal.stdout.write(`${JSON.stringify(facts, null, 2)}\n`);
  else terminal.stdout.write(`${modelsText(facts)}\n`);
  return EXIT_CODES.ok;
}

function modelsText(facts: readonly ModelFacts[]): string {
  const rows = [
    ['model', 'prompt', 'answer', 'input', 'cached', 'output', ''],
    ...facts.map(({ id, promptLimit, outputLimit, usdPer1MTokens: usd, prices, retiredOn }) => [
      id,
      promptLimit === null ? '' : formatCount(promptLimit),
      outputLimit === null ? '' : formatCount(outputLimit),
      usd === null ? '' : `$${usd.input}`,
      usd?.cachedInput === undefined ? '' : `$${usd.cachedInput}`,
      usd === null ? '' : `$${usd.output}`,
      retiredOn !== null
        ? `shut down on ${retiredOn}`
        : usd === null
          ? 'price not known'
          : (prices
              .filter(({ validUntil }) => validUntil !== undefined)
              .map(({ validUntil }) => `a price until ${validUntil}`)[0] ?? ''),
    ]),
  ];
  const widths = rows[0]?.map((_cell, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 || column === 6 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\nMost tokens of a prompt and an answer; US dollars per million tokens, today. --json has sources and all periods.`;
}
