import { expect, test } from 'vitest';
import { checkProject } from '../../../src/cli/settings/check-project.ts';
import { defineConfig } from '../../../src/project/define-config.ts';

const FILE = 'gleaner.config.ts';

test('what the types allow is taken, parsed as the flags are', () => {
  const config = defineConfig({
    flags: { project: 'my-project' },
    commands: { run: { maxCost: 20, evidence: true }, 'schema check': { mode: 'full' } },
    definitions: { receipt: { concurrency: 4 } },
    profiles: { nightly: { flags: { cache: 'a.db' } } },
  });
  const { flags, commands, definitions, profiles } = checkProject(config, FILE);
  expect([...flags]).toEqual([['project', 'my-project']]);
  expect([...(commands.get('run') ?? [])]).toEqual([
    ['max-cost', 20],
    ['evidence', true],
  ]);
  expect(commands.get('schema check')?.get('mode')).toBe('full');
  expect(definitions.get('receipt')?.get('concurrency')).toBe(4);
  expect([...(profiles.get('nightly')?.flags ?? [])]).toEqual([['cache', 'a.db']]);
});

test.each<[string, unknown, string]>([
  ['no object', 5, 'Cannot use gleaner.config.ts: the whole must be an object'],
  ['a list', { flags: [] }, 'Cannot use gleaner.config.ts: flags must be an object'],
  [
    'a misspelled key',
    { comands: {} },
    'Cannot use comands of gleaner.config.ts: no key has that name; did you mean commands?',
  ],
  [
    'a flag beside the keys',
    { snapshots: 'baselines' },
    'Cannot use snapshots of gleaner.config.ts: defaults of flags stand one deeper; did you mean flags.snapshots?',
  ],
  [
    'a flag beside the keys of a profile',
    { profiles: { nightly: { maxCost: 3 } } },
    'Cannot use profiles.nightly.maxCost of gleaner.config.ts: defaults of flags stand one deeper; did you mean profiles.nightly.flags.maxCost?',
  ],
  ['a key like nothing', { xyzzy: {} }, 'no key has that name; known are flags, commands, definitions, profiles'],
  [
    'a misspelled command',
    { commands: { rum: {} } },
    'Cannot use commands.rum of gleaner.config.ts: no command has that name; did you mean run?',
  ],
  [
    'a misspelled cap',
    { flags: { maxCosts: 1 } },
    'Cannot use flags.maxCosts of gleaner.config.ts: no flag has that name; did you mean maxCost?',
  ],
  ['a flag as the command line has it', { flags: { 'max-cost': 1 } }, 'did you mean maxCost?'],
  ['a flag that the command lacks', { commands: { export: { maxCost: 1 } } }, 'Cannot use commands.export.maxCost'],
  [
    'a number that is too small',
    { flags: { concurrency: 0 } },
    'Cannot use flags.concurrency of gleaner.config.ts: it must be a whole number from 1 to 65535',
  ],
  ['a choice that there is not', { commands: { run: { format: 'xml' } } }, 'it must be one of csv, tsv, jsonl'],
  ['a switch that is text', { flags: { evidence: 'yes' } }, 'it must be true or false'],
  ['a value that is a switch', { flags: { cache: true } }, 'it must be text or a number, as <file> stands for'],
  ['an empty value', { flags: { cache: '' } }, 'it is empty'],
  ['a profile that chooses a profile', { flags: { profile: 'x' } }, 'no flag has that name'],
  [
    'a mistake in a profile that is not used',
    { profiles: { night: { definitions: { a: { cocurrency: 1 } } } } },
    'Cannot use profiles.night.definitions.a.cocurrency of gleaner.config.ts: no flag has that name; did you mean concurrency?',
  ],
])('%s is refused', (_name, config, message) => {
  expect(() => checkProject(config, FILE)).toThrow(message);
});
