import type { Budget } from '../budget.ts';
import type { Formula } from '../formula.ts';

/** A formula that says something by itself: a literal, or a condition that is not understood. */
export type Atom = Formula & { kind: 'literal' | 'opaque' };

/**
 * The truth of a formula of one type, given the truth of its atoms; undefined where undecided atoms decide.
 * References and types are undecided too, so make the formula one of a single type first.
 */
export function evaluate(
  formula: Formula,
  budget: Budget,
  truthOf: (atom: Atom) => boolean | undefined,
): boolean | undefined {
  budget.spend();
  switch (formula.kind) {
    case 'true':
      return true;
    case 'false':
      return false;
    case 'literal':
    case 'opaque':
      return truthOf(formula);
    case 'and':
    case 'or': {
      const absorbing = formula.kind === 'or';
      let result: boolean | undefined = !absorbing;
      for (const part of formula.parts) {
        const truth = evaluate(part, budget, truthOf);
        if (truth === absorbing) return absorbing;
        if (truth === undefined) result = undefined;
      }
      return result;
    }
    default:
      return undefined;
  }
}

/** Every atom of a formula, once. */
export function atomsOf(formula: Formula): Atom[] {
  const seen = new Set<Formula>();
  const atoms: Atom[] = [];
  const pending = [formula];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (seen.has(part)) continue;
    seen.add(part);
    if (part.kind === 'literal' || part.kind === 'opaque') atoms.push(part);
    else if (part.kind === 'and' || part.kind === 'or') pending.push(...part.parts);
  }
  return atoms;
}

/** How an atom that cannot be judged is named to people. */
export function doubtOf(atom: Atom): string {
  return atom.kind === 'opaque' ? atom.keyword : `format "${formatName(atom) ?? ''}"`;
}

export function formatName(atom: Atom): string | undefined {
  return atom.kind === 'literal' && atom.literal.kind === 'format' ? atom.literal.name : undefined;
}
