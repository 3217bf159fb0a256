import type { JsonObject } from '../../json/value.ts';
import type { Conversion, Part } from './conversion.ts';
import type { MutableSchema } from './words.ts';

/** Converts the bounds of numbers: both readers know bounds that belong to the range only. */
export function convertBounds(conversion: Conversion, schema: JsonObject, path: string): Part {
  const sent: MutableSchema = {};
  const words: string[] = [];
  for (const keyword of ['minimum', 'maximum'] as const) {
    const inclusive = schema[keyword];
    if (typeof inclusive === 'number') sent[keyword] = inclusive;
    const exclusiveKeyword = keyword === 'minimum' ? 'exclusiveMinimum' : 'exclusiveMaximum';
    const exclusive = schema[exclusiveKeyword];
    if (typeof exclusive !== 'number') continue;
    const lower = keyword === 'minimum';
    const nearest =
      schema['type'] === 'integer' ? (lower ? Math.floor(exclusive) + 1 : Math.ceil(exclusive) - 1) : exclusive;
    const present = typeof inclusive === 'number' ? inclusive : nearest;
    sent[keyword] = lower ? Math.max(present, nearest) : Math.min(present, nearest);
    // For whole numbers the next one says the same; otherwise only the description tells the border apart.
    if (nearest !== exclusive) continue;
    words.push(conversion.describe(path, exclusiveKeyword, `${lower ? 'above' : 'below'} ${exclusive}`));
  }
  return { sent, words };
}
