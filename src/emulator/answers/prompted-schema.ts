import { parseJson } from '../../json/parse-json.ts';
import { isJsonObject, type JsonObject } from '../../json/value.ts';

/** A prompt has few braces before its schema; one with more is about something else. */
const MAX_TRIES = 50;

/** The JSON Schema that a prompt asks an answer to follow, where clients put it that send none beside the messages. */
export function findPromptedSchema(text: string): JsonObject | undefined {
  if (!text.includes('"properties"')) return undefined;
  let start = text.indexOf('{');
  for (let tries = 0; start >= 0 && tries < MAX_TRIES; tries++) {
    const end = endOfObject(text, start);
    const value = end === undefined ? undefined : parseJson(text.slice(start, end));
    if (isJsonObject(value) && isSchema(value)) return value;
    start = text.indexOf('{', start + 1);
  }
  return undefined;
}

function isSchema({ properties, type, $ref, $defs }: JsonObject): boolean {
  return (isJsonObject(properties) && type === 'object') || (typeof $ref === 'string' && isJsonObject($defs));
}

/** Where the object ends that begins at `start`; undefined where it does not. */
function endOfObject(text: string, start: number): number | undefined {
  const tokens = /"(?:[^"\\]|\\.)*"|[{}]/gs;
  tokens.lastIndex = start;
  let depth = 0;
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    if (match[0] === '{') depth += 1;
    if (match[0] === '}' && --depth === 0) return tokens.lastIndex;
  }
  return undefined;
}
