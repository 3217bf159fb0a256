/** Narrower than this, breaking lines makes them harder to read, not easier. */
const LEAST_ROOM = 20;

/**
 * Breaks a line for people so that it fits the width, behind commas and semicolons where it can and between words where it must.
 * Further lines begin with the indent; a word that is too long for a line stays whole, since it may be a path.
 */
export function wrapText(line: string, { width, indent }: { width: number | undefined; indent: number }): string {
  if (width === undefined || line.length <= width || width - indent < LEAST_ROOM) return line;
  const lines: string[] = [];
  let current = '';
  const put = (piece: string): boolean => {
    const longer = `${current}${piece}`;
    if (longer.trimEnd().length > width && current.trim() !== '') return false;
    current = longer;
    return true;
  };
  const begin = (piece: string): void => {
    lines.push(current.trimEnd());
    current = `${' '.repeat(indent)}${piece}`;
  };
  for (const phrase of line.split(/(?<=[,;:] )/)) {
    if (phrase.trimEnd().length <= width - indent) {
      if (!put(phrase)) begin(phrase);
      continue;
    }
    for (const word of phrase.split(/(?<=\S )(?=\S)/)) if (!put(word)) begin(word);
  }
  lines.push(current.trimEnd());
  return lines.join('\n');
}
