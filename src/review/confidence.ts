import { isJsonObject, type JsonValue } from '../json/value.ts';

/** Below it, a reviewer should look. */
const LOW = 0.8;

/** Whether the confidence of a result, or of one of its fields, is low; false where it has none. */
export function isLowConfidence(confidence: JsonValue | undefined): boolean {
  if (typeof confidence === 'number') return confidence < LOW;
  if (Array.isArray(confidence)) return confidence.some((one: JsonValue) => isLowConfidence(one));
  return isJsonObject(confidence) && Object.values(confidence).some(isLowConfidence);
}
