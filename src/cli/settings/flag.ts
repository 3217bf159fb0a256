import { InvalidArgumentError } from 'commander';

/**
 * One command-line flag, defined once: its parsing, its help, its environment variable and its row in docs/cli.md come
 * from here.
 */
export interface Flag {
  /** Long name without the dashes, such as `max-attempts`. */
  name: string;
  /** Placeholder of the value; a flag without one is a switch. */
  argument?: string;
  description: string;
  /** A letter that stands for it, such as `q`. */
  short?: string;
  /** Shown in the help; the default itself is applied where the setting is used. */
  defaultText?: string;
  /** Turns the text into the setting's value; throws InvalidArgumentError saying what would be right. */
  parse?: (text: string) => unknown;
}

/** The environment variable that stands in for a flag: `--max-attempts` is GLEANER_MAX_ATTEMPTS. */
export function environmentName(flag: Flag): string {
  return `GLEANER_${flag.name.toUpperCase().replaceAll('-', '_')}`;
}

/** The flags of a table that have one of the names, in the table's order. */
export function pick<Known extends Flag, Name extends Known['name']>(
  flags: readonly Known[],
  names: readonly Name[],
): Extract<Known, { name: Name }>[] {
  return flags.filter((flag): flag is Extract<Known, { name: Name }> => names.some((name) => name === flag.name));
}

/** The others. */
export function omit<Known extends Flag, Name extends Known['name']>(
  flags: readonly Known[],
  names: readonly Name[],
): Exclude<Known, { name: Name }>[] {
  return flags.filter((flag): flag is Exclude<Known, { name: Name }> => !names.some((name) => name === flag.name));
}

/** The flag's name as code has it: `maxAttempts` for `max-attempts`. */
export function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number ${range}.`);
  };
}

export function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('It must be a number from 0 to 1.');
}

export function positive(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('It must be a number above 0.');
}

/** A parser that takes one of a few values, and says which. */
export interface ChoiceParser<Choice extends string> {
  (text: string): Choice;
  readonly choices: readonly Choice[];
}

export function oneOf<Choice extends string>(...choices: readonly Choice[]): ChoiceParser<Choice> {
  const parse = (text: string): Choice => {
    const choice = choices.find((candidate) => candidate === text);
    if (choice !== undefined) return choice;
    throw new InvalidArgumentError(`It must be one of ${choices.join(', ')}.`);
  };
  return Object.assign(parse, { choices });
}

/** The values that a flag takes, where they are few; else none. */
export function choicesOf({ parse }: Flag): readonly string[] {
  return parse !== undefined && 'choices' in parse ? (parse as ChoiceParser<string>).choices : [];
}

/** A switch set through its environment variable. */
export function parseSwitch(text: string): boolean {
  if (['1', 'true', 'yes', 'on'].includes(text.toLowerCase())) return true;
  if (['0', 'false', 'no', 'off'].includes(text.toLowerCase())) return false;
  throw new InvalidArgumentError('It must be 1 or 0.');
}

/** A value that may be given several times, or with commas. */
export function listed(text: string, before?: unknown): string {
  return typeof before === 'string' ? `${before},${text}` : text;
}
