import { InvalidArgumentError } from 'commander';
import { GleanerError } from '../../gleaner-error.ts';
import { environmentName, parseSwitch, type Flag } from './flag.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The names of flags whose value is a text, a number, or no value at all; of flags not known by name, any. */
type TextName<F extends Flag> = F extends { argument: string; parse: (text: string) => infer Value }
  ? [Value] extends [string]
    ? F['name']
    : never
  : F extends { argument: string }
    ? F['name']
    : never;
type NumberName<F extends Flag> = F extends { parse: (text: string) => number } ? F['name'] : never;
/** A flag whose value may be left out, `[columns]`, can be just on. */
type SwitchName<F extends Flag> = F extends { argument: `[${string}` }
  ? F['name']
  : F extends { argument: string }
    ? never
    : F['name'];

/**
 * The settings of one command: from its flags, else from GLEANER_ variables. Values have passed their flag's parser. Typed by the
 * command's table of flags, so that asking for one that it does not have does not compile.
 */
export class NamedSettings<Texts extends string, Numbers extends string, Switches extends string> {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(values: ReadonlyMap<string, unknown>) {
    this.#values = values;
  }

  // Properties and not methods: of those the compiler would let a command with fewer flags pass for one with more.
  readonly text = (name: Texts): string | undefined => {
    const value = this.#values.get(name);
    return typeof value === 'string' ? value : undefined;
  };

  readonly number = (name: Numbers): number | undefined => {
    const value = this.#values.get(name);
    return typeof value === 'number' ? value : undefined;
  };

  readonly isOn = (name: Switches): boolean => this.#values.get(name) === true;
}

export type Settings<Flags extends readonly Flag[]> = NamedSettings<
  TextName<Flags[number]>,
  NumberName<Flags[number]>,
  SwitchName<Flags[number]>
>;

/** `parsed` holds what commander made of the arguments, by camel-case name. */
export function resolveSettings<Flags extends readonly Flag[]>(
  flags: Flags,
  parsed: Readonly<Record<string, unknown>>,
  environment: Environment,
): Settings<Flags> {
  const values = new Map<string, unknown>();
  for (const flag of flags) {
    const fromFlag = parsedValue(parsed, flag.name);
    const value = fromFlag ?? fromEnvironment(flag, environment);
    if (value !== undefined) values.set(flag.name, value);
  }
  return new NamedSettings(values);
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

function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
