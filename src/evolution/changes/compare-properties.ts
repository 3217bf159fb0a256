import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { BOTH, inside, NARROWS, WIDENS, type Place, type Walk } from './walk.ts';
import type { ChangeDirection } from './change-rules.ts';

/** Compares `properties` with `required`, and `additionalProperties`. */
export function compareProperties(walk: Walk, before: JsonObject, after: JsonObject, place: Place): void {
  compareNamed(walk, before, after, place);
  compareAdditional(walk, before, after, place);
}

function compareNamed(walk: Walk, before: JsonObject, after: JsonObject, place: Place): void {
  const left = mapOf(before['properties']);
  const right = mapOf(after['properties']);
  const oldRequired = new Set(requiredNames(before));
  const newRequired = new Set(requiredNames(after));
  const was = contextOf(walk, before);
  const is = contextOf(walk, after);
  for (const name of new Set([...Object.keys(left), ...oldRequired, ...Object.keys(right), ...newRequired])) {
    walk.spend(1);
    const here = inside(place, 'properties', name);
    const old = Object.hasOwn(left, name) ? left[name] : undefined;
    const now = Object.hasOwn(right, name) ? right[name] : undefined;
    const wasRequired = oldRequired.has(name);
    const isRequired = newRequired.has(name);
    if (old === undefined && now !== undefined && !wasRequired) {
      const affects = was.isMixed ? BOTH : edgesOf(was.rest !== 'open', isRequired || was.rest !== 'closed');
      walk.note(isRequired ? 'required-property-added' : 'property-added', here, undefined, now, affects);
    } else if (old !== undefined && now === undefined && !isRequired) {
      const affects = is.isMixed ? BOTH : edgesOf(wasRequired || is.rest !== 'closed', is.rest !== 'open');
      walk.note(wasRequired ? 'required-property-removed' : 'property-removed', here, old, undefined, affects);
    } else {
      if (isRequired && !wasRequired) walk.note('property-became-required', here);
      if (wasRequired && !isRequired) walk.note('property-became-optional', here);
      if (old !== undefined && now !== undefined) walk.compare(old, now, here);
      else if (old !== undefined || now !== undefined) {
        // A name that is required and not described is what other properties are.
        if (was.isMixed || is.isMixed) walk.note('keyword-changed', here, old, now);
        else
          walk.compare(
            old ?? before['additionalProperties'] ?? true,
            now ?? after['additionalProperties'] ?? true,
            here,
          );
      }
    }
  }
}

function edgesOf(isWider: boolean, isNarrower: boolean): readonly ChangeDirection[] {
  return [...(isNarrower ? NARROWS : []), ...(isWider ? WIDENS : [])];
}

function compareAdditional(walk: Walk, before: JsonObject, after: JsonObject, place: Place): void {
  const here = inside(place, 'additionalProperties');
  const left = before['additionalProperties'] ?? true;
  const right = after['additionalProperties'] ?? true;
  if (walk.isSame(left, right)) {
    // Equal texts may hold references to schemas that were edited.
    if (isJsonObject(left)) walk.compare(left, right, here);
    return;
  }
  const was = openness(before);
  const is = openness(after);
  const affects = walk.isSeeing ? BOTH : undefined;
  if (is === was) {
    if (was === 'restricted') walk.compare(left, right, here);
    else if (walk.isSeeing) walk.note('additional-properties-changed', here, left, right);
  } else if (is === 'closed') walk.note('additional-properties-closed', here, left, right, affects);
  else if (is === 'open') walk.note('additional-properties-opened', here, left, right, affects);
  else walk.note('additional-properties-changed', here, left, right, affects ?? (was === 'open' ? NARROWS : WIDENS));
}

interface Context {
  /** What properties without a description may be. */
  readonly rest: 'open' | 'closed' | 'restricted';
  /** Whether patterns, or keywords elsewhere, have a say in a property that is added or removed. */
  readonly isMixed: boolean;
}

function contextOf(walk: Walk, schema: JsonObject): Context {
  return { rest: openness(schema), isMixed: walk.isSeeing || schema['patternProperties'] !== undefined };
}

function openness(schema: JsonObject): Context['rest'] {
  const rest = schema['additionalProperties'];
  if (rest === undefined || rest === true || (isJsonObject(rest) && Object.keys(rest).length === 0)) return 'open';
  return rest === false || isNothing(rest) ? 'closed' : 'restricted';
}

function isNothing(schema: JsonValue): boolean {
  if (!isJsonObject(schema) || Object.keys(schema).length !== 1) return false;
  const { not } = schema;
  return not === true || (isJsonObject(not) && Object.keys(not).length === 0);
}

export function mapOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

export function requiredNames(schema: JsonObject): readonly string[] {
  const { required } = schema;
  return Array.isArray(required) ? required.filter((name: JsonValue) => typeof name === 'string') : [];
}
