/** A text of at most so many characters; of a longer one, its beginning. */
export function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
