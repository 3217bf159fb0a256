import { camelCase, type Flag } from './flag.ts';
import type { ProjectDefaults } from './project-defaults.ts';
import { settleValues, type Environment } from './settle-values.ts';

export type { Environment } from './settle-values.ts';

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

/** A flag that was given on the command line; what variables and the project file say holds for the next command, too. */
export interface TypedFlag {
  name: string;
  value: unknown;
}

/**
 * The settings of one command: from its flags, else from GLEANER_ variables, else from the project file.
 * Values have passed their flag's parser. Typed by the command's table of flags, so that asking for one that it does not have does not compile.
 */
export class NamedSettings<Texts extends string, Numbers extends string, Switches extends string> {
  readonly #values: ReadonlyMap<string, unknown>;

  readonly #ofProject: ReadonlySet<string>;

  /** The flags of the command line, as one would type them. */
  readonly typed: readonly TypedFlag[];

  /** @param ofProject names of the values that the project file gave, and nobody who called the command */
  constructor(
    values: ReadonlyMap<string, unknown>,
    ofProject: ReadonlySet<string> = new Set(),
    typed: readonly TypedFlag[] = [],
  ) {
    this.#values = values;
    this.#ofProject = ofProject;
    this.typed = typed;
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

  /** The same, with values for what is not set. */
  readonly withDefaults = (
    values: Readonly<Partial<Record<Texts, string | undefined> & Record<Switches, boolean>>>,
  ): NamedSettings<Texts, Numbers, Switches> =>
    new NamedSettings(
      new Map<string, unknown>([...Object.entries(values), ...this.#values]),
      this.#ofProject,
      this.typed,
    );

  /** Whether the project file alone gave the value, which is edited like any other file. */
  readonly isOfProject = (name: Texts | Switches): boolean => this.#ofProject.has(name);

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
  defaults?: ProjectDefaults,
): Settings<Flags> {
  const settled = settleValues(flags, { parsed, environment, defaults });
  const ofProject = [...settled].filter(([name, setting]) => setting === defaults?.get(name)).map(([name]) => name);
  const typed = [...settled].filter(([name, { origin }]) => origin === `--${name}`);
  return new NamedSettings(
    new Map([...settled].map(([name, { value }]) => [name, value])),
    new Set(ofProject),
    typed.map(([name, { value }]) => ({ name, value })),
  );
}

/** The values of those flags of a table that are set, by camel-case name, as `resolveSettings` takes them. */
export function valuesOf(
  flags: readonly Flag[],
  settings: {
    text(name: never): string | undefined;
    number(name: never): number | undefined;
    isOn(name: never): boolean;
  },
): Record<string, string | number | true> {
  const values: Record<string, string | number | true> = {};
  for (const { name } of flags) {
    const value = settings.text(name as never) ?? settings.number(name as never);
    if (value !== undefined) values[camelCase(name)] = value;
    else if (settings.isOn(name as never)) values[camelCase(name)] = true;
  }
  return values;
}
