import { canonicalJson } from '../../../json/canonical.ts';
import type { JsonValue } from '../../../json/value.ts';
import type { Formula } from '../formula.ts';
import { oneOfValues } from '../value-formula.ts';
import type { Solution, Solver } from './solver.ts';

/** An array of an item for each goal; undefined where one cannot be reached. */
export function writeArray(solver: Solver, goals: readonly Formula[]): Solution | undefined {
  const items: JsonValue[] = [];
  const doubts = new Set<string>();
  let size = 1;
  for (const goal of goals) {
    solver.budget.spend();
    const solution = solver.solve(goal, items.length);
    if (solution === undefined) return undefined;
    items.push(solution.value);
    size += solution.size;
    for (const doubt of solution.doubts) doubts.add(doubt);
  }
  return { value: items, size, doubts: [...doubts] };
}

/**
 * Takes for each item a value that no earlier item has. Where all items are alike, running out of values means that
 * there are too few; otherwise another order might have worked, which is not looked into.
 */
export function writeDistinct(solver: Solver, goals: readonly Formula[]): Solution | undefined {
  const items: JsonValue[] = [];
  const seen = new Set<string>();
  const doubts = new Set<string>();
  let size = 1;
  const { store, budget } = solver;
  for (const goal of goals) {
    let solution = solver.solve(goal, items.length);
    budget.spend(solution?.size ?? 1);
    if (solution !== undefined && seen.has(canonicalJson(solution.value))) {
      budget.spend(size);
      solution = solver.solve(store.and([goal, store.not(oneOfValues(store, items))]), items.length);
      budget.spend(solution?.size ?? 1);
    }
    if (solution === undefined) {
      if (goals.every((other) => other === goals[0])) return undefined;
      const plain = writeArray(solver, goals);
      return plain === undefined ? undefined : { ...plain, doubts: [...plain.doubts, 'uniqueItems'] };
    }
    items.push(solution.value);
    size += solution.size;
    seen.add(canonicalJson(solution.value));
    for (const doubt of solution.doubts) doubts.add(doubt);
  }
  return { value: items, size, doubts: [...doubts] };
}
