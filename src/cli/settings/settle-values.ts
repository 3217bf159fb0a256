import { InvalidArgumentError } from 'commander';
import { GleanerError } from '../../gleaner-error.ts';
import { camelCase, environmentName, parseSwitch, type Flag } from './flag.ts';
import type { ProjectDefaults } from './project-defaults.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of a setting, and where it comes from, for people. */
export interface SettledValue {
  readonly value: unknown;
  readonly origin: string;
}

export interface SettingSources {
  /** What commander made of the arguments, by camel-case name. */
  readonly parsed: Readonly<Record<string, unknown>>;
  readonly environment: Environment;
  readonly defaults?: ProjectDefaults | undefined;
}

/** Flags of which a command takes one. */
const ALTERNATIVES = [
  ['emulator', 'base-url'],
  ['id', 'line', 'sample'],
];

/** The values of flags by name: a flag wins over its variable, and that over the project file. What nothing gives is absent. */
export function settleValues(
  flags: readonly Flag[],
  { parsed, environment, defaults = new Map() }: SettingSources,
): ReadonlyMap<string, SettledValue> {
  const settled = new Map<string, SettledValue>();
  for (const flag of flags) {
    const given = parsedValue(parsed, flag.name);
    const value = given ?? fromEnvironment(flag, environment);
    const origin = given === undefined ? environmentName(flag) : `--${flag.name}`;
    if (value !== undefined) settled.set(flag.name, { value, origin });
  }
  // A default must not stand in the way of what was asked for.
  const isRuledOut = (name: string): boolean =>
    ALTERNATIVES.some((names) => names.includes(name) && names.some((other) => isGiven(settled.get(other))));
  const ruledOut = flags.map(({ name }) => name).filter(isRuledOut);
  for (const { name } of flags) {
    const fallback = defaults.get(name);
    if (fallback !== undefined && !settled.has(name) && !ruledOut.includes(name)) settled.set(name, fallback);
  }
  return settled;
}

function isGiven(setting: SettledValue | undefined): boolean {
  return setting !== undefined && setting.value !== false;
}

/** Commander has `--no-open` turn off an `open` that is on. */
function parsedValue(parsed: Readonly<Record<string, unknown>>, name: string): unknown {
  if (!name.startsWith('no-')) return parsed[camelCase(name)];
  return parsed[camelCase(name.slice('no-'.length))] === false ? true : undefined;
}

function fromEnvironment(flag: Flag, environment: Environment): unknown {
  const name = environmentName(flag);
  const text = environment[name];
  if (text === undefined) return undefined;
  const parse = flag.argument === undefined ? parseSwitch : flag.parse;
  try {
    return parse === undefined ? text : parse(text);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new GleanerError('usage', `Cannot use the environment variable ${name} for --${flag.name}: ${error.message}`);
  }
}
