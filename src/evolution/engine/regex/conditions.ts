import type { Budget } from '../budget.ts';

/**
 * What must hold of the rest of a string: a condition over steps that read a character, over the end of the string and
 * over the kind of the next character. Lookaheads are why it is a condition and not merely a set of steps: the
 * automaton is an alternating one, made deterministic as it is walked.
 */
export type Condition =
  | { readonly id: number; readonly kind: 'true' | 'false' | 'at-end' | 'next-is-word' }
  | { readonly id: number; readonly kind: 'read'; readonly step: number }
  | { readonly id: number; readonly kind: 'not'; readonly part: Condition }
  | { readonly id: number; readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] };

/** The conditions of one automaton, each of them once: equal conditions are the same object, so that there are finitely many states. */
export class Conditions {
  readonly whenTrue: Condition;
  readonly whenFalse: Condition;
  readonly atEnd: Condition;
  readonly nextIsWord: Condition;
  readonly #known = new Map<string, Condition>();
  readonly #budget: Budget;

  constructor(budget: Budget) {
    this.#budget = budget;
    this.whenTrue = this.#intern('true', (id) => ({ id, kind: 'true' }));
    this.whenFalse = this.#intern('false', (id) => ({ id, kind: 'false' }));
    this.atEnd = this.#intern('end', (id) => ({ id, kind: 'at-end' }));
    this.nextIsWord = this.#intern('word', (id) => ({ id, kind: 'next-is-word' }));
  }

  /** That a step reads the next character. */
  read(step: number): Condition {
    return this.#intern(`r${step}`, (id) => ({ id, kind: 'read', step }));
  }

  combine(kind: 'and' | 'or', parts: readonly Condition[]): Condition {
    const neutral = kind === 'and' ? 'true' : 'false';
    const absorbing = kind === 'and' ? 'false' : 'true';
    const flat = new Map<number, Condition>();
    this.#budget.spend(parts.length);
    for (const part of parts) {
      if (part.kind === absorbing) return part;
      if (part.kind === neutral) continue;
      if (part.kind === kind) for (const inner of part.parts) flat.set(inner.id, inner);
      else flat.set(part.id, part);
    }
    for (const part of flat.values()) {
      if (part.kind === 'not' && flat.has(part.part.id)) return kind === 'and' ? this.whenFalse : this.whenTrue;
      // Absorption: A or (A and B) is A. Without it repeated lookaheads pile up conditions without end.
      if ((part.kind === 'and' || part.kind === 'or') && part.parts.some((inner) => flat.has(inner.id)))
        flat.delete(part.id);
    }
    const sorted = [...flat.values()].sort((left, right) => left.id - right.id);
    const [first] = sorted;
    if (first === undefined) return kind === 'and' ? this.whenTrue : this.whenFalse;
    if (sorted.length === 1) return first;
    return this.#intern(`${kind}${sorted.map((part) => part.id).join()}`, (id) => ({ id, kind, parts: sorted }));
  }

  negate(part: Condition): Condition {
    if (part.kind === 'true') return this.whenFalse;
    if (part.kind === 'false') return this.whenTrue;
    if (part.kind === 'not') return part.part;
    return this.#intern(`!${part.id}`, (id) => ({ id, kind: 'not', part }));
  }

  #intern(key: string, make: (id: number) => Condition): Condition {
    let condition = this.#known.get(key);
    if (condition === undefined) {
      condition = make(this.#known.size);
      this.#known.set(key, condition);
    }
    return condition;
  }
}

/** Whether a condition holds where no character is left. */
export function acceptsEmpty(condition: Condition): boolean {
  switch (condition.kind) {
    case 'true':
    case 'at-end':
      return true;
    case 'not':
      return !acceptsEmpty(condition.part);
    case 'and':
      return condition.parts.every(acceptsEmpty);
    case 'or':
      return condition.parts.some(acceptsEmpty);
    default:
      return false;
  }
}
