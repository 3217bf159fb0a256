import type { Environment } from '../settings/settings.ts';

export type Colour = 'red' | 'yellow' | 'green';

/** Paints a text that has no escape sequences of its own. */
export type Paint = (colour: Colour, text: string) => string;

const CODES: Readonly<Record<Colour, number>> = { red: 31, yellow: 33, green: 32 };

/** Colours on a screen that shows them, unless NO_COLOR (https://no-color.org) is set to anything; plain text everywhere else. */
export function paintFor({ isTTY }: { isTTY?: boolean }, { NO_COLOR: none, TERM: term }: Environment): Paint {
  if (isTTY !== true || (none !== undefined && none !== '') || term === 'dumb') return (_colour, text) => text;
  return (colour, text) => (text === '' ? '' : `\u001b[${CODES[colour]}m${text}\u001b[39m`);
}
