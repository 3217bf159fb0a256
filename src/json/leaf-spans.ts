import { pointerToken } from './pointer.ts';

/** Where a text, number, boolean or null stands in a JSON text, without the quotation marks of a text. */
export interface LeafSpan {
  /** JSON pointer to it. */
  path: string;
  start: number;
  end: number;
}

/** A token of JSON: a text, a bracket, a comma or colon, or a run of anything else that is no white space. */
const TOKEN = /"(?:[^"\\]|\\[^])*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** An open object or array: the name, or the place, of the value that is read. */
interface Frame {
  name: string | undefined;
  index: number;
  isObject: boolean;
}

/** Finds where each value stands that holds no others, in a text that is valid JSON. Linear in the text's length. */
export function leafSpans(text: string): LeafSpan[] {
  const spans: LeafSpan[] = [];
  const frames: Frame[] = [];
  for (const { 0: token, index: at } of text.matchAll(TOKEN)) {
    const frame = frames.at(-1);
    if (token === '{' || token === '[') frames.push({ name: undefined, index: 0, isObject: token === '{' });
    else if (token === '}' || token === ']') frames.pop();
    else if (token === ',') {
      if (frame !== undefined) {
        frame.name = undefined;
        frame.index += 1;
      }
    } else if (token === ':') continue;
    else if (frame?.isObject === true && frame.name === undefined) frame.name = JSON.parse(token) as string;
    else spans.push({ path: pointerOf(frames), ...insideOf(token, at) });
  }
  return spans;
}

function pointerOf(frames: readonly Frame[]): string {
  return frames.map(({ name, index, isObject }) => `/${isObject ? pointerToken(name ?? '') : index}`).join('');
}

/** An empty text is its quotation marks. */
function insideOf(token: string, at: number): { start: number; end: number } {
  const isText = token.startsWith('"') && token.length > 2;
  return isText ? { start: at + 1, end: at + token.length - 1 } : { start: at, end: at + token.length };
}
