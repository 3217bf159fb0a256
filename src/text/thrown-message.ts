/** The first line of what was thrown by a definition's own code. */
export function reasonOf(thrown: unknown): string {
  return messageOf(thrown).split('\n', 1)[0] ?? '';
}

/** What was thrown, as text. Anything can be thrown, such as an object that cannot be turned into text. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message || thrown.name) : String(thrown);
  } catch {
    return 'something that cannot be turned into text';
  }
}
