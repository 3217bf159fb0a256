import type { JsonValue } from '../json/value.ts';
import { isJsonObject } from '../json/value.ts';
import { exactPattern, isExactAlready } from './exact-pattern.ts';
import { LOST_PATTERN_NOTE } from '../json-schema/notes.ts';

/**
 * Gives the patterns of a converted text their flags back: both converters write the source alone, which then refuses
 * what zod takes. A pattern without an equal is left out, and the place is marked.
 */
export function amendPatterns(json: Record<string, unknown>, regexes: readonly RegExp[]): void {
  for (const { source, flags } of regexes) {
    if (isExactAlready(source, flags)) continue;
    const exact = exactPattern(source, flags);
    if (exact === undefined) json[LOST_PATTERN_NOTE] = true;
    replacePattern(json, source, exact);
    const parts = json['allOf'];
    if (!Array.isArray(parts)) continue;
    for (const part of parts as JsonValue[]) {
      if (isJsonObject(part)) replacePattern(part as Record<string, unknown>, source, exact);
    }
  }
}

function replacePattern(json: Record<string, unknown>, source: string, exact: string | undefined): void {
  if (json['pattern'] !== source) return;
  if (exact === undefined) delete json['pattern'];
  else json['pattern'] = exact;
}
