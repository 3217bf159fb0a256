import type { JsonObject, JsonValue } from '../../../json/value.ts';
import { areDisjointByInspection } from '../disjoint.ts';
import type { Formula } from '../formula.ts';
import type { Reading } from './reading.ts';

export function readCombinations(reading: Reading, schema: JsonObject): Formula[] {
  const parts: Formula[] = [];
  const { not, if: condition, then, else: otherwise } = schema;
  for (const keyword of ['allOf', 'anyOf', 'oneOf'] as const) {
    const members = schema[keyword];
    if (members === undefined) continue;
    if (!Array.isArray(members)) parts.push(reading.unclear(keyword, schema));
    else if (keyword === 'oneOf') parts.push(exactlyOne(reading, members as readonly JsonValue[]));
    else {
      const formulas = (members as readonly JsonValue[]).map((member) => reading.formulaOf(member));
      parts.push(keyword === 'allOf' ? reading.store.and(formulas) : reading.store.or(formulas));
    }
  }
  if (not !== undefined) parts.push(reading.store.not(reading.formulaOf(not)));
  if (condition !== undefined) {
    const formula = reading.formulaOf(condition);
    if (then !== undefined) parts.push(reading.store.or([reading.store.not(formula), reading.formulaOf(then)]));
    if (otherwise !== undefined) parts.push(reading.store.or([formula, reading.formulaOf(otherwise)]));
  }
  return parts;
}

function exactlyOne(reading: Reading, members: readonly JsonValue[]): Formula {
  const formulas = members.map((member) => reading.formulaOf(member));
  const overlaps: Formula[] = [];
  for (const [index, formula] of formulas.entries()) {
    reading.budget.spend(index);
    for (let other = 0; other < index; other += 1) {
      if (areDisjointByInspection(members[index], members[other], reading.document)) continue;
      overlaps.push(
        reading.store.or([reading.store.not(formula), reading.store.not(formulas[other] ?? reading.store.false)]),
      );
    }
  }
  return reading.store.and([reading.store.or(formulas), ...overlaps]);
}
