import { InvalidArgumentError } from 'commander';
import { GleanerError } from '../../gleaner-error.ts';
import { isJsonObject } from '../../json/value.ts';
import { nearestName } from '../../text/nearest-name.ts';
import { camelCase, type Flag } from './flag.ts';
import { flagsByCommand } from './flags/flags-by-command.ts';

/** Values of flags, by their names without dashes in front, as their parsers made them. */
export type FlagValues = ReadonlyMap<string, unknown>;

export interface CheckedDefaults {
  readonly flags: FlagValues;
  readonly commands: ReadonlyMap<string, FlagValues>;
  readonly definitions: ReadonlyMap<string, FlagValues>;
}

export interface CheckedProject extends CheckedDefaults {
  readonly profiles: ReadonlyMap<string, CheckedDefaults>;
}

const PLACES = ['flags', 'commands', 'definitions'];

/**
 * Checks what a project file exports: every name and value in it, also those that this command does not use.
 *
 * @throws {GleanerError} naming the place, with what is likely meant
 */
export function checkProject(given: unknown, file: string): CheckedProject {
  const config = objectAt(given, file, 'the whole');
  refuseUnknown(config, [...PLACES, 'profiles'], file, '');
  const profiles = [...entriesAt(config, 'profiles', file, '')].map(([name, profile]) => {
    const place = `profiles.${name}`;
    const inside = objectAt(profile, file, place);
    refuseUnknown(inside, PLACES, file, `${place}.`);
    return [name, checkDefaults(inside, file, `${place}.`)] as const;
  });
  return { ...checkDefaults(config, file, ''), profiles: new Map(profiles) };
}

function checkDefaults(config: Record<string, unknown>, file: string, at: string): CheckedDefaults {
  // A profile cannot choose itself.
  const all = Object.values(flagsByCommand)
    .flat()
    .filter(({ name }) => name !== 'profile');
  const commands = [...entriesAt(config, 'commands', file, at)].map(([name, values]) => {
    const flags = Object.hasOwn(flagsByCommand, name) ? flagsByCommand[name] : undefined;
    if (flags === undefined) throw unknown(file, `${at}commands.${name}`, name, Object.keys(flagsByCommand), 'command');
    return [name, checkValues(values, flags, file, `${at}commands.${name}`)] as const;
  });
  const definitions = [...entriesAt(config, 'definitions', file, at)].map(
    ([name, values]) => [name, checkValues(values, all, file, `${at}definitions.${name}`)] as const,
  );
  return {
    flags: config['flags'] === undefined ? new Map() : checkValues(config['flags'], all, file, `${at}flags`),
    commands: new Map(commands),
    definitions: new Map(definitions),
  };
}

function checkValues(given: unknown, flags: readonly Flag[], file: string, at: string): FlagValues {
  const values = new Map<string, unknown>();
  const byName = new Map(flags.map((flag) => [camelCase(flag.name), flag]));
  for (const [key, value] of Object.entries(objectAt(given, file, at))) {
    const flag = byName.get(key);
    if (flag === undefined) throw unknown(file, `${at}.${key}`, key, byName.keys(), 'flag');
    if (value !== undefined) values.set(flag.name, checkValue(value, flag, file, `${at}.${key}`));
  }
  return values;
}

function checkValue(value: unknown, { argument, parse }: Flag, file: string, at: string): unknown {
  const fail = (reason: string): GleanerError => new GleanerError('usage', `Cannot use ${at} of ${file}: ${reason}`);
  if (argument === undefined) {
    if (typeof value === 'boolean') return value;
    throw fail('it must be true or false');
  }
  if (typeof value !== 'string' && typeof value !== 'number')
    throw fail(`it must be text or a number, as ${argument} stands for`);
  if (value === '') throw fail('it is empty; give it a value, or leave it out');
  try {
    return parse === undefined ? String(value) : parse(String(value));
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw fail(error.message.replace(/^It/, 'it').replace(/\.$/, ''));
    throw error;
  }
}

function entriesAt(
  config: Record<string, unknown>,
  key: string,
  file: string,
  at: string,
): Iterable<[string, unknown]> {
  return config[key] === undefined ? [] : Object.entries(objectAt(config[key], file, `${at}${key}`));
}

function objectAt(value: unknown, file: string, at: string): Record<string, unknown> {
  if (isJsonObject(value)) return value;
  throw new GleanerError('usage', `Cannot use ${file}: ${at} must be an object`);
}

function refuseUnknown(config: Record<string, unknown>, known: readonly string[], file: string, at: string): void {
  const odd = Object.keys(config).find((key) => !known.includes(key));
  if (odd === undefined) return;
  const isFlag = Object.values(flagsByCommand).some((flags) => flags.some(({ name }) => camelCase(name) === odd));
  if (!isFlag) throw unknown(file, `${at}${odd}`, odd, known, 'key');
  throw new GleanerError(
    'usage',
    `Cannot use ${at}${odd} of ${file}: defaults of flags stand one deeper; did you mean ${at}flags.${odd}?`,
  );
}

function unknown(file: string, place: string, name: string, known: Iterable<string>, kind: string): GleanerError {
  const names = [...known];
  const nearest = nearestName(name, names);
  const few = names.length <= 10 ? `; known are ${names.join(', ')}` : '';
  const hint = nearest === undefined ? few : `; did you mean ${nearest}?`;
  return new GleanerError('usage', `Cannot use ${place} of ${file}: no ${kind} has that name${hint}`);
}
