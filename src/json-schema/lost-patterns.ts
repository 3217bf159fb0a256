import { mapSubschemas } from './subschemas.ts';
import type { JsonObject } from '../json/value.ts';
import { FORMAT_PATTERN_NOTE, LOST_PATTERN_NOTE } from './notes.ts';
import type { SchemaLoss } from './schema-loss.ts';

/** Takes the converters' notes on patterns out of a schema, and reports the patterns that had to be left out. */
export function takePatternNotes(schema: JsonObject, losses: SchemaLoss[], path = ''): JsonObject {
  const {
    [LOST_PATTERN_NOTE]: isLost,
    [FORMAT_PATTERN_NOTE]: _,
    ...rest
  } = mapSubschemas(schema, (child, { pointer }) => takePatternNotes(child, losses, path + pointer));
  if (isLost === true) {
    const detail = 'its flags have no equal in JSON Schema, so it is left out';
    losses.push({ path, keyword: 'pattern', action: 'dropped', detail, enforcedLocally: true });
  }
  return rest;
}
