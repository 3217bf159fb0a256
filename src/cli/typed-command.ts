import { shellWord } from '../text/shell-word.ts';
import type { TypedFlag } from './settings/settings.ts';
import { showValue } from './settings/show-value.ts';

/** Flags that are left out of a command that is to be typed again: they hold for one call, or their value is a secret. */
const LEFT_OUT: ReadonlySet<string> = new Set(['accept-changes', 'notify', 'notify-as']);

/** The command as it was typed, to be typed again. It goes into run.json and the page, so what may be a secret in an address is dots. */
export function typedCommand(command: string, words: readonly string[], typed: readonly TypedFlag[]): string {
  const flags = flagWords(typed.filter(({ name }) => !LEFT_OUT.has(name)));
  return ['gleaner', command, ...words.map(shellWord), ...flags].join(' ');
}

/** Flags as they were typed, word by word. */
export function flagWords(typed: readonly TypedFlag[]): string[] {
  return typed.flatMap(({ name, value }) =>
    value === true ? [`--${name}`] : [`--${name}`, shellWord(String(showValue(value)))],
  );
}
