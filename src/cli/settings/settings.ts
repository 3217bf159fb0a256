import { InvalidArgumentError } from 'commander';
import { GleanerError } from '../../gleaner-error.ts';
import { environmentName, parseSwitch, type Flag } from './flag.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The settings of one command: from its flags, else from GLEANER_ variables. Values have passed their flag's parser. */
export class Settings {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(values: ReadonlyMap<string, unknown>) {
    this.#values = values;
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return typeof value === 'string' ? value : undefined;
  }

  number(name: string): number | undefined {
    const value = this.#values.get(name);
    return typeof value === 'number' ? value : undefined;
  }

  isOn(name: string): boolean {
    return this.#values.get(name) === true;
  }
}

/** `parsed` holds what commander made of the arguments, by camel-case name. */
export function resolveSettings(
  flags: readonly Flag[],
  parsed: Readonly<Record<string, unknown>>,
  environment: Environment,
): Settings {
  const values = new Map<string, unknown>();
  for (const flag of flags) {
    const fromFlag = parsedValue(parsed, flag.name);
    const value = fromFlag ?? fromEnvironment(flag, environment);
    if (value !== undefined) values.set(flag.name, value);
  }
  return new Settings(values);
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
