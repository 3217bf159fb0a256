import type { Budget } from '../budget.ts';
import type { Formula } from '../formula.ts';
import { doubtOf } from './evaluate.ts';
import type { Solution } from './solver.ts';

/** What is known about arrays or objects: it judges conjunctions of literals, the search splits everything else. */
export interface Theory {
  solve(literals: readonly Formula[]): Solution | undefined;
  /** A quick judge of further literals beside the given ones; "no" means "not evident". */
  judge(literals: readonly Formula[]): Judge;
}

export interface Judge {
  /** Whether no document satisfies the literal beside the others. */
  refutes(literal: Formula): boolean;
  /** Whether every document that satisfies the others satisfies the literal. */
  implies(literal: Formula): boolean;
}

interface Branch {
  readonly literals: readonly Formula[];
  readonly opaque: readonly (Formula & { kind: 'opaque' })[];
  /** Of each choice at least one part must hold. */
  readonly choices: readonly (readonly Formula[])[];
}

/** Finds a document for a formula of arrays or of objects by case distinction; undefined when there is none. */
export function searchComposite(formula: Formula, theory: Theory, budget: Budget): Solution | undefined {
  const branch = extend({ literals: [], opaque: [], choices: [] }, formula, budget);
  return branch === undefined ? undefined : search(branch, theory, budget);
}

function search(start: Branch, theory: Theory, budget: Budget): Solution | undefined {
  budget.spend();
  // Without literals nothing is refuted or implied yet.
  const branch = start.choices.length > 1 && start.literals.length > 0 ? simplify(start, theory, budget) : start;
  if (branch === undefined) return undefined;
  const choice = mostTelling(branch.choices);
  if (choice === undefined) {
    const solution = theory.solve(branch.literals);
    if (solution === undefined || branch.opaque.length === 0) return solution;
    return { ...solution, doubts: [...new Set([...solution.doubts, ...branch.opaque.map(doubtOf)])] };
  }
  const rest: Branch = { ...branch, choices: branch.choices.filter((other) => other !== choice) };
  let best: Solution | undefined;
  const judge = theory.judge(branch.literals);
  for (const part of choice) {
    budget.spend();
    if (part.kind === 'literal' && judge.refutes(part)) continue;
    const next = extend(rest, part, budget);
    const solution = next === undefined ? undefined : search(next, theory, budget);
    if (solution?.doubts.length === 0) return solution;
    best ??= solution;
  }
  return best;
}

/** The branch with one more formula, or undefined when that contradicts what the branch says. */
function extend(branch: Branch, formula: Formula, budget: Budget): Branch | undefined {
  budget.spend(1 + (branch.literals.length >> 4));
  const literals = new Set(branch.literals);
  const opaque = [...branch.opaque];
  const choices = [...branch.choices];
  for (const part of formula.kind === 'and' ? formula.parts : [formula]) {
    budget.spend();
    switch (part.kind) {
      case 'true':
        break;
      case 'literal':
        literals.add(part);
        break;
      case 'opaque':
        if (opaque.some((other) => contradicts(other, part))) return undefined;
        opaque.push(part);
        break;
      case 'or':
        choices.push(part.parts);
        break;
      default:
        return undefined;
    }
  }
  return { literals: [...literals], opaque, choices };
}

function contradicts(left: Formula & { kind: 'opaque' }, right: Formula & { kind: 'opaque' }): boolean {
  return left.keyword === right.keyword && left.key === right.key && left.negated !== right.negated;
}

/** Drops parts that are refuted and choices that are settled, and takes over parts that are left alone. */
function simplify(start: Branch, theory: Theory, budget: Budget): Branch | undefined {
  let branch = start;
  for (;;) {
    budget.spend(1 + (branch.literals.length >> 4));
    const judge = theory.judge(branch.literals);
    const known = new Set(branch.literals);
    const open: (readonly Formula[])[] = [];
    let forced: Formula | undefined;
    for (const choice of branch.choices) {
      budget.spend();
      if (forced !== undefined) {
        open.push(choice);
        continue;
      }
      if (
        choice.some(
          (part) => literalsOf(part)?.every((literal) => known.has(literal) || judge.implies(literal)) === true,
        )
      )
        continue;
      const possible = choice.filter(
        (part) => !(literalsOf(part) ?? firstLiterals(part)).some((literal) => judge.refutes(literal)),
      );
      if (possible.length === 0) return undefined;
      if (possible.length === 1) forced = possible[0];
      else open.push(possible);
    }
    const next: Branch = { ...branch, choices: open };
    if (forced === undefined) return next;
    const extended = extend(next, forced, budget);
    if (extended === undefined) return undefined;
    branch = extended;
    if (branch.choices.length === 0) return branch;
  }
}

/** The literals of a part that is nothing but literals. */
function literalsOf(part: Formula): readonly Formula[] | undefined {
  if (part.kind === 'literal') return [part];
  return part.kind === 'and' && part.parts.every((inner) => inner.kind === 'literal') ? part.parts : undefined;
}

function firstLiterals(part: Formula): readonly Formula[] {
  return part.kind === 'and' ? part.parts.filter((inner) => inner.kind === 'literal') : [];
}

/** The choice with few parts that say much: a branch of the writer's union settles most of the reader's choices. */
function mostTelling(choices: readonly (readonly Formula[])[]): readonly Formula[] | undefined {
  let best: readonly Formula[] | undefined;
  let bestScore = Infinity;
  for (const choice of choices) {
    const weight = choice.reduce((sum, part) => sum + (part.kind === 'and' ? part.parts.length : 1), 0);
    const average = weight / choice.length;
    const score = choice.length / (average * average);
    if (score < bestScore) {
      best = choice;
      bestScore = score;
    }
  }
  return best;
}
