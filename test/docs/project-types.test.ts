import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { camelCase, type Flag } from '../../src/cli/settings/flag.ts';
import { flagsByCommand } from '../../src/cli/settings/flags/flags-by-command.ts';
import { root } from '../e2e/harness.ts';

const path = join(root, 'src/project/flag-defaults.ts');

// npm run docs writes the file anew.
test('the types of a project file are those of the flags', async () => {
  const flags = new Map<string, Flag>();
  for (const flag of Object.values(flagsByCommand).flat()) if (!flags.has(flag.name)) flags.set(flag.name, flag);
  flags.delete('profile');
  const members = [...flags.values()]
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .map((flag) => `/** ${sentence(flag.description)} */\nreadonly ${camelCase(flag.name)}?: ${typeOf(flag)};`);
  const source = `// Made by npm run docs from the table of flags.

/** A command that flags can be given defaults for. */
export type CommandName = ${Object.keys(flagsByCommand)
    .map((name) => `'${name}'`)
    .join(' | ')};

/** Values for flags, by their names. */
export interface FlagDefaults {
${members.join('\n')}
}
`;
  const expected = await format(source, { ...(await resolveConfig(path)), parser: 'typescript' });
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, expected);
  expect(readFileSync(path, 'utf8')).toBe(expected);
});

function sentence(text: string): string {
  return `${(text[0] ?? '').toUpperCase()}${text.slice(1)}.`.replaceAll('*/', '* /');
}

/** Commands may differ in what they take for one name; the wider type stands. */
function typeOf({ name }: Flag): string {
  const types = Object.values(flagsByCommand)
    .flat()
    .filter((flag) => flag.name === name)
    .map(({ argument, parse }) => (argument === undefined ? 'boolean' : isNumber(parse) ? 'number' : 'string'));
  return [...new Set(types)].sort().join(' | ');
}

function isNumber(parse: Flag['parse']): boolean {
  try {
    return typeof parse?.('1') === 'number';
  } catch {
    return false;
  }
}
