import { isJsonObject, type JsonObject, type JsonValue } from '../../../json/value.ts';
import { evaluatingSchemas } from '../evaluated.ts';
import type { Formula } from '../formula.ts';
import type { Literal } from '../literal.ts';
import { unevaluatedProperties } from '../unevaluated.ts';
import { patternFormula } from './read-strings.ts';
import { countLimits, type Reading } from './reading.ts';

export function readObjects(reading: Reading, schema: JsonObject): Formula[] {
  const parts = countLimits(reading, schema, { minProperties: 'object', maxProperties: 'object' });
  const { required, propertyNames } = schema;
  if (Array.isArray(required)) {
    for (const name of required as readonly JsonValue[]) {
      parts.push(
        typeof name === 'string'
          ? reading.store.keyword(presenceOf(reading, name))
          : reading.unclear('required', schema),
      );
    }
  } else if (required !== undefined && typeof required !== 'boolean') parts.push(reading.unclear('required', schema));
  parts.push(...readProperties(reading, schema));
  if (propertyNames !== undefined) {
    parts.push(everyProperty(reading, reading.store.not(reading.formulaOf(propertyNames)), reading.store.false));
  }
  parts.push(...readDependencies(reading, schema));
  const unevaluated = schema['unevaluatedProperties'];
  if (reading.document.draft !== '7' && unevaluated !== undefined) {
    const others = (names: readonly string[], patterns: readonly string[]): Formula =>
      otherNames(reading, names, patterns, schema);
    const evaluating = evaluatingSchemas(schema, reading);
    const found =
      evaluating && unevaluatedProperties(evaluating, reading.formulaOf(unevaluated), reading.store, others);
    parts.push(found ?? reading.unclear('unevaluatedProperties', schema));
  }
  return parts;
}

function readProperties(reading: Reading, schema: JsonObject): Formula[] {
  const { properties, patternProperties, additionalProperties } = schema;
  const parts: Formula[] = [];
  const names = isJsonObject(properties) ? Object.keys(properties) : [];
  const patterns = isJsonObject(patternProperties) ? Object.keys(patternProperties) : [];
  if (properties !== undefined && !isJsonObject(properties)) parts.push(reading.unclear('properties', schema));
  if (patternProperties !== undefined && !isJsonObject(patternProperties))
    parts.push(reading.unclear('patternProperties', schema));
  for (const name of names) {
    const member = isJsonObject(properties) ? properties[name] : undefined;
    if (member !== undefined) parts.push(everyProperty(reading, reading.store.name(name), reading.formulaOf(member)));
  }
  for (const pattern of patterns) {
    const member = isJsonObject(patternProperties) ? patternProperties[pattern] : undefined;
    if (member === undefined) continue;
    parts.push(everyProperty(reading, patternFormula(reading, pattern, schema), reading.formulaOf(member)));
  }
  if (additionalProperties !== undefined) {
    parts.push(
      everyProperty(reading, otherNames(reading, names, patterns, schema), reading.formulaOf(additionalProperties)),
    );
  }
  return parts;
}

function readDependencies(reading: Reading, schema: JsonObject): Formula[] {
  const isModern = reading.document.draft !== '7';
  const keywords = isModern ? ['dependencies', 'dependentRequired', 'dependentSchemas'] : ['dependencies'];
  return keywords.flatMap((keyword) => {
    const entries = schema[keyword];
    if (entries === undefined) return [];
    if (!isJsonObject(entries)) return [reading.unclear(keyword, schema)];
    return Object.entries(entries).flatMap(([name, dependent]) => {
      if (dependent === undefined) return [];
      const consequence = Array.isArray(dependent)
        ? (dependent as readonly JsonValue[]).map((other) =>
            typeof other === 'string'
              ? reading.store.literal(presenceOf(reading, other))
              : reading.unclear(keyword, schema),
          )
        : [reading.formulaOf(dependent)];
      return [
        reading.store.or([
          reading.store.not(reading.store.literal(presenceOf(reading, name))),
          reading.store.and(consequence),
        ]),
      ];
    });
  });
}

function everyProperty(reading: Reading, names: Formula, formula: Formula): Formula {
  return reading.store.keyword({ type: 'object', kind: 'everyProperty', names, formula });
}

function presenceOf(reading: Reading, name: string): Literal {
  return { type: 'object', kind: 'someProperty', names: reading.store.name(name), formula: reading.store.true };
}

function otherNames(
  reading: Reading,
  names: readonly string[],
  patterns: readonly string[],
  schema: JsonObject,
): Formula {
  return reading.store.and([
    reading.store.literal({ type: 'string', kind: 'oneOf', values: new Set(names), negated: true }),
    ...patterns.map((source) =>
      reading.languages.of(source) === undefined
        ? reading.store.not(patternFormula(reading, source, schema))
        : reading.store.literal({ type: 'string', kind: 'pattern', source, negated: true }),
    ),
  ]);
}
