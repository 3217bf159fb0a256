/** Text with its control characters written out, so that a name in it can do nothing to a terminal. Line ends and tabs stay. */
export function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, (character) =>
    character === '\n' || character === '\t' ? character : escape(character),
  );
}

/** The same for text that is one line: a line end in it is part of a name. */
export function visibleLine(text: string): string {
  return visible(text).replaceAll(/[\n\t]/g, escape);
}

function escape(character: string): string {
  const known: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  return known[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
