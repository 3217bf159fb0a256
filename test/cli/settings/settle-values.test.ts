import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkProject } from '../../../src/cli/settings/check-project.ts';
import { runFlags } from '../../../src/cli/settings/flags/run-flags.ts';
import { projectDefaults } from '../../../src/cli/settings/project-defaults.ts';
import { settleValues } from '../../../src/cli/settings/settle-values.ts';

function defaultsOf(config: unknown, { definition, profile }: { definition?: string; profile?: string } = {}) {
  const file = { name: 'gleaner.config.json', project: checkProject(config, 'gleaner.config.json') };
  return projectDefaults(file, { command: 'run', flags: runFlags, definition, profile });
}

/** From the weakest to the strongest. */
const PLACES = [
  'flags',
  'commands',
  'definitions',
  'profile flags',
  'profile commands',
  'profile definitions',
  'environment',
  'flag',
] as const;

test('of all places that give a value, the strongest wins, and is named', () => {
  fc.assert(
    fc.property(fc.subarray([...PLACES], { minLength: 1 }), (places) => {
      const value = (place: (typeof PLACES)[number]): number => PLACES.indexOf(place) + 1;
      const at = (place: (typeof PLACES)[number]): object => (places.includes(place) ? { rpm: value(place) } : {});
      const config = {
        flags: at('flags'),
        commands: { run: at('commands') },
        definitions: { receipt: at('definitions') },
        profiles: {
          p: {
            flags: at('profile flags'),
            commands: { run: at('profile commands') },
            definitions: { receipt: at('profile definitions') },
          },
        },
      };
      const settled = settleValues(runFlags, {
        parsed: places.includes('flag') ? { rpm: value('flag') } : {},
        environment: places.includes('environment') ? { GLEANER_RPM: String(value('environment')) } : {},
        defaults: defaultsOf(config, { definition: 'schemas/receipt.ts', profile: 'p' }),
      });
      const winner = PLACES.filter((place) => places.includes(place)).at(-1) ?? 'flag';
      const origins = {
        flags: 'gleaner.config.json, flags',
        commands: 'gleaner.config.json, commands.run',
        definitions: 'gleaner.config.json, definitions.receipt',
        'profile flags': 'gleaner.config.json, profiles.p, flags',
        'profile commands': 'gleaner.config.json, profiles.p, commands.run',
        'profile definitions': 'gleaner.config.json, profiles.p, definitions.receipt',
        environment: 'GLEANER_RPM',
        flag: '--rpm',
      };
      expect(settled.get('rpm')).toEqual({ value: value(winner), origin: origins[winner] });
    }),
  );
});

test('a switch that the file turns on is turned off by its variable', () => {
  const defaults = defaultsOf({ flags: { evidence: true } });
  expect(settleValues(runFlags, { parsed: {}, environment: {}, defaults }).get('evidence')?.value).toBe(true);
  const settled = settleValues(runFlags, { parsed: {}, environment: { GLEANER_EVIDENCE: '0' }, defaults });
  expect(settled.get('evidence')).toEqual({ value: false, origin: 'GLEANER_EVIDENCE' });
});

test('a default does not stand in the way of the emulator', () => {
  const defaults = defaultsOf({ flags: { baseUrl: 'https://models.example' } });
  expect(settleValues(runFlags, { parsed: { emulator: true }, environment: {}, defaults }).has('base-url')).toBe(false);
  expect(settleValues(runFlags, { parsed: {}, environment: { GLEANER_EMULATOR: '0' }, defaults }).has('base-url')).toBe(
    true,
  );
});

test.each([
  ['receipt', true],
  ['schemas/receipt.ts', true],
  ['./receipt.mts#other', true],
  ['invoice', false],
])('the definition %s is meant by "receipt": %s', (definition, isMeant) => {
  expect(defaultsOf({ definitions: { receipt: { rpm: 5 } } }, { definition }).has('rpm')).toBe(isMeant);
});

test('of two exports of a file the one that is named is meant', () => {
  const config = { definitions: { receipt: { rpm: 5 }, 'receipt#b': { rpm: 7 } } };
  expect(defaultsOf(config, { definition: 'receipt#b' }).get('rpm')?.value).toBe(7);
});

test('a profile that there is not is refused', () => {
  const config = { profiles: { nightly: {}, weekly: {} } };
  expect(() => defaultsOf(config, { profile: 'nigthly' })).toThrow(
    /Cannot use the profile nigthly: .* did you mean nightly\?/,
  );
  expect(() => defaultsOf(config, { profile: 'xyz' })).toThrow(/it has nightly, weekly/);
  expect(() =>
    projectDefaults(undefined, { command: 'run', flags: runFlags, definition: undefined, profile: 'x' }),
  ).toThrow(/there is no project file here/);
});
