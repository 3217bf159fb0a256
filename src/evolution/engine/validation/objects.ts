import { isJsonObject, type JsonObject, type JsonValue } from '../../../json/value.ts';
import type { Application } from './application.ts';
import { ACCEPTED, CannotValidate, count, merge, namesIn, NONE, refused, type Verdict } from './verdict.ts';

export function validateObject(within: Application, schema: JsonObject, value: JsonObject, at: string): Verdict {
  const { minProperties, maxProperties, required, properties, patternProperties, additionalProperties, propertyNames } =
    schema;
  const verdicts: Verdict[] = [];
  const entries = Object.entries(value);
  if (minProperties !== undefined && entries.length < count('minProperties', minProperties)) {
    verdicts.push(
      refused(at, 'minProperties', `must have at least ${count('minProperties', minProperties)} properties`),
    );
  }
  if (maxProperties !== undefined && entries.length > count('maxProperties', maxProperties)) {
    verdicts.push(
      refused(at, 'maxProperties', `must have at most ${count('maxProperties', maxProperties)} properties`),
    );
  }
  if (required !== undefined && typeof required !== 'boolean') {
    for (const name of namesIn('required', required)) {
      if (!Object.hasOwn(value, name))
        verdicts.push(refused(at, 'required', `must have the property ${JSON.stringify(name)}`));
    }
  }
  within.spend(entries.length);
  for (const [name, member] of entries) {
    const place = `${at}/${escapeName(name)}`;
    if (propertyNames !== undefined && within.apply(propertyNames, name, place).violations.length > 0) {
      verdicts.push(refused(place, 'propertyNames', 'must have an allowed name'));
    }
    const schemas: JsonValue[] = [];
    if (isJsonObject(properties) && Object.hasOwn(properties, name) && properties[name] !== undefined)
      schemas.push(properties[name]);
    if (isJsonObject(patternProperties)) {
      for (const [pattern, inner] of Object.entries(patternProperties)) {
        if (inner !== undefined && within.matches('patternProperties', pattern, name)) schemas.push(inner);
      }
    }
    if (schemas.length === 0 && additionalProperties !== undefined) {
      if (additionalProperties === false) {
        verdicts.push(refused(place, 'additionalProperties', 'must not be there, as no other properties are allowed'));
        continue;
      }
      schemas.push(additionalProperties);
    }
    for (const inner of schemas) {
      verdicts.push({
        violations: within.apply(inner, member ?? null, place).violations,
        evaluated: within.isSeeing ? new Set([name]) : NONE,
      });
    }
  }
  verdicts.push(...dependencies(within, schema, value, at));
  return merge(verdicts);
}

function dependencies(within: Application, schema: JsonObject, value: JsonObject, at: string): Verdict[] {
  const keywords = within.draft === '7' ? ['dependencies'] : ['dependencies', 'dependentRequired', 'dependentSchemas'];
  const verdicts: Verdict[] = [];
  for (const keyword of keywords) {
    const entries = schema[keyword];
    if (entries === undefined) continue;
    if (!isJsonObject(entries)) throw new CannotValidate(keyword);
    for (const [name, dependent] of Object.entries(entries)) {
      if (dependent === undefined || !Object.hasOwn(value, name)) continue;
      if (!Array.isArray(dependent)) verdicts.push(within.apply(dependent, value, at));
      else if (!namesIn(keyword, dependent).every((other) => Object.hasOwn(value, other))) {
        verdicts.push(refused(at, keyword, `must have what the property ${JSON.stringify(name)} demands`));
      }
    }
  }
  return verdicts;
}

export function validateUnevaluatedProperties(
  within: Application,
  schema: JsonObject,
  value: JsonObject,
  at: string,
  seen: ReadonlySet<string | number>,
): Verdict {
  const inner = schema['unevaluatedProperties'];
  if (inner === undefined) return ACCEPTED;
  return merge(
    Object.entries(value).flatMap(([name, member]) =>
      seen.has(name)
        ? []
        : [
            {
              violations: within.apply(inner, member ?? null, `${at}/${escapeName(name)}`).violations,
              evaluated: new Set([name]),
            },
          ],
    ),
  );
}

function escapeName(name: string): string {
  return name.includes('~') || name.includes('/') ? name.replaceAll('~', '~0').replaceAll('/', '~1') : name;
}
