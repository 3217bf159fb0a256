import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Flag } from '../../src/cli/settings/flag.ts';
import { flagsByCommand } from '../../src/cli/settings/flags/flags-by-command.ts';
import { root } from '../e2e/harness.ts';

const path = join(root, 'docs/cli.md');

// npm run docs writes the tables anew.
test.each(Object.entries(flagsByCommand))(
  'the flags of "%s" stand in docs/cli.md as they are defined',
  (name, flags) => {
    const page = readFileSync(path, 'utf8');
    const place = new RegExp(`(<!-- flags:${name} -->\n\n).*?(\n\n<!-- /flags -->)`, 's');
    expect(page, `docs/cli.md has no place for the flags of ${name}`).toMatch(place);
    const current = page.replace(place, (_match, before: string, after: string) => before + flagTable(flags) + after);
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, current);
    expect(readFileSync(path, 'utf8')).toBe(current);
  },
);

/** A Markdown table with columns of even width, as the formatter wants it. */
function flagTable(flags: readonly Flag[]): string {
  const rows = [
    ['Flag', 'Meaning', 'Default'],
    ...flags.map(({ name, argument, description, defaultText = '' }) => [
      argument === undefined ? `\`--${name}\`` : `\`--${name} ${argument}\``,
      description,
      defaultText,
    ]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  return lines.join('\n');
}
