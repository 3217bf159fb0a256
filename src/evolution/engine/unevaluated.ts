import { isJsonObject, type JsonValue } from '../../json/value.ts';
import type { EvaluatingSchema } from './evaluated.ts';
import type { Formula } from './formula.ts';
import type { FormulaStore } from './formula-store.ts';
import type { SchemaDocument } from './schema-document.ts';

/** What a keyword may have evaluated while its condition holds. */
interface Guarded<Part> {
  readonly part: Part;
  readonly condition: Formula;
}

/** More conditions than these on parts that cannot be told apart one by one are not looked into. */
const MAX_CONDITIONS = 6;

/**
 * What `unevaluatedProperties` demands: of each property the formula, or that a schema which holds has evaluated it. What
 * one more schema evaluates only makes the demand weaker, so that it is enough to find some schemas that hold.
 *
 * @param othersThan the formula of names that are none of the names and match none of the patterns
 */
export function unevaluatedProperties(
  evaluating: readonly EvaluatingSchema[],
  formula: Formula,
  store: FormulaStore,
  othersThan: (names: readonly string[], patterns: readonly string[]) => Formula,
): Formula | undefined {
  const asking = evaluating[0]?.schema;
  const alls: Formula[] = [];
  const names = new Map<string, Formula[]>();
  const patterns: Guarded<string>[] = [];
  for (const { schema, condition } of evaluating) {
    const { properties, patternProperties, additionalProperties } = schema;
    if (additionalProperties !== undefined || (schema !== asking && schema['unevaluatedProperties'] !== undefined))
      alls.push(condition);
    for (const name of keysOf(properties)) names.set(name, [...(names.get(name) ?? []), condition]);
    for (const part of keysOf(patternProperties)) patterns.push({ part, condition });
  }
  const certainNames = [...names].filter(([, conditions]) => conditions.some(isCertain)).map(([name]) => name);
  return anyOfHeld(patterns, store, (held) => {
    const demands = [everyProperty(othersThan([...names.keys()], held), formula, store)];
    for (const [name, conditions] of names) {
      if (certainNames.includes(name)) continue;
      const isName = store.name(name);
      const unseen = store.and([isName, othersThan([], held)]);
      demands.push(store.or([everyProperty(unseen, formula, store), ...conditions]));
    }
    return store.or([...alls, store.and(demands)]);
  });
}

/** What `unevaluatedItems` demands, in the same way. */
export function unevaluatedItems(
  evaluating: readonly EvaluatingSchema[],
  formula: Formula,
  store: FormulaStore,
  document: SchemaDocument,
  formulaOf: (schema: JsonValue) => Formula,
): Formula | undefined {
  const asking = evaluating[0]?.schema;
  const leading: Guarded<number>[] = [];
  const contained: Guarded<Formula>[] = [];
  for (const { schema, condition } of evaluating) {
    const { items, prefixItems, additionalItems, contains } = schema;
    const listed = Array.isArray(items) ? items : document.draft === '2020-12' ? prefixItems : undefined;
    const rest = Array.isArray(items) ? additionalItems : items;
    const isAll = rest !== undefined || (schema !== asking && schema['unevaluatedItems'] !== undefined);
    leading.push({ part: isAll ? Infinity : Array.isArray(listed) ? listed.length : 0, condition });
    if (contains !== undefined && document.draft === '2020-12')
      contained.push({ part: formulaOf(contains), condition });
  }
  const start = Math.max(0, ...leading.filter(({ condition }) => isCertain(condition)).map(({ part }) => part));
  if (start === Infinity) return store.true;
  const ends = [
    ...new Set(leading.map(({ part }) => part).filter((part) => part > start && part < Infinity)),
    Infinity,
  ];
  ends.sort((left, right) => left - right);
  return anyOfHeld(contained, store, (held) => {
    const demanded = store.or([formula, ...held]);
    return store.and(
      ends.map((to, index) => {
        const from = ends[index - 1] ?? start;
        const seeing = leading.filter(({ part }) => part > from).map(({ condition }) => condition);
        return store.or([store.keyword({ type: 'array', kind: 'everyItem', from, to, formula: demanded }), ...seeing]);
      }),
    );
  });
}

/** The formula for some set of parts whose conditions hold; undefined when those are too many to try. */
function anyOfHeld<Part>(
  parts: readonly Guarded<Part>[],
  store: FormulaStore,
  demand: (held: readonly Part[]) => Formula,
): Formula | undefined {
  const conditions = [...new Set(parts.map(({ condition }) => condition))].filter((condition) => !isCertain(condition));
  if (conditions.length > MAX_CONDITIONS) return undefined;
  const alternatives: Formula[] = [];
  for (let bits = 0; bits < 1 << conditions.length; bits += 1) {
    const held = conditions.filter((_, index) => ((bits >> index) & 1) === 1);
    const evaluated = parts.filter(({ condition }) => isCertain(condition) || held.includes(condition));
    alternatives.push(store.and([...held, demand(evaluated.map(({ part }) => part))]));
  }
  return store.or(alternatives);
}

function everyProperty(names: Formula, formula: Formula, store: FormulaStore): Formula {
  return store.keyword({ type: 'object', kind: 'everyProperty', names, formula });
}

function isCertain(condition: Formula): boolean {
  return condition.kind === 'true';
}

function keysOf(value: JsonValue | undefined): string[] {
  return isJsonObject(value) ? Object.keys(value) : [];
}
