/** How reasoning models mark their thoughts, where nobody has asked for a marker. */
const TAGS = '(think|thinking|thought|thoughts|reasoning)';
const OPENING = new RegExp(`^\\s*<${TAGS}>`, 'i');
const CLOSING = new RegExp(`</${TAGS}>`, 'i');

/** More thoughts than a model parts its answer from. */
const MAX_STRETCHES = 10;

/**
 * An answer's text without thoughts that a model wrote before it: `<think>…</think>`, or what stands before a lone `</think>`,
 * as chat templates leave it that open the tag themselves. Undefined where there are thoughts and nothing else, which are
 * no answer even if they hold JSON. A text without such tags comes back as it is.
 */
export function cutThoughts(text: string): string | undefined {
  let rest = text;
  for (let stretches = 0; stretches < MAX_STRETCHES; stretches += 1) {
    const closing = CLOSING.exec(rest);
    if (closing === null) return OPENING.test(rest) ? undefined : rest;
    rest = rest.slice(closing.index + closing[0].length);
    if (rest.trim() === '') return undefined;
  }
  return rest;
}
