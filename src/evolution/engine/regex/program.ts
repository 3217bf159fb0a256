import { everyChar, type CharSet } from './char-set.ts';
import { UnsupportedPattern, type RegexNode } from './parse.ts';

/** One step of a compiled pattern; `next` and the like are indexes of other steps. */
export type Step =
  | { readonly kind: 'chars'; readonly set: CharSet; readonly next: number }
  | { readonly kind: 'split'; first: number; second: number }
  | { readonly kind: 'start'; readonly next: number }
  | { readonly kind: 'end'; readonly next: number }
  | { readonly kind: 'word-boundary'; readonly negated: boolean; readonly next: number }
  | { readonly kind: 'lookahead'; readonly negated: boolean; readonly body: number; readonly next: number }
  | {
      readonly kind: 'lookbehind';
      readonly negated: boolean;
      readonly atStart: boolean;
      readonly set: CharSet;
      readonly next: number;
    }
  | { readonly kind: 'match' };

export interface Program {
  readonly steps: readonly Step[];
  /** Tries the pattern here, or reads a character and comes back. */
  readonly entry: number;
  /** Tries the pattern here. */
  readonly body: number;
}

const MAX_STEPS = 20_000;

/** The steps that look for the pattern anywhere in a string, as `pattern` does; throws UnsupportedPattern when too long. */
export function compileRegex(node: RegexNode): Program {
  const steps: Step[] = [];
  function add(step: Step): number {
    if (steps.length >= MAX_STEPS) throw new UnsupportedPattern('a pattern of that size');
    steps.push(step);
    return steps.length - 1;
  }
  function compile(part: RegexNode, next: number): number {
    switch (part.kind) {
      case 'chars':
        return add({ kind: 'chars', set: part.set, next });
      case 'sequence':
        return part.items.reduceRight((after, item) => compile(item, after), next);
      case 'choice':
        return part.options
          .map((option) => compile(option, next))
          .reduceRight((second, first) => add({ kind: 'split', first, second }));
      case 'start':
      case 'end':
        return add({ kind: part.kind, next });
      case 'word-boundary':
        return add({ kind: 'word-boundary', negated: part.negated, next });
      case 'lookahead':
        return add({ kind: 'lookahead', negated: part.negated, body: compile(part.body, match), next });
      case 'lookbehind':
        return add({ kind: 'lookbehind', negated: part.negated, atStart: part.atStart, set: part.set, next });
      case 'repeat':
        return repeat(part.body, part.min, part.max, next);
      default:
        return part satisfies never;
    }
  }
  function repeat(body: RegexNode, min: number, max: number, next: number): number {
    let after = next;
    if (max === Infinity) after = loop(body, next);
    else
      for (let count = min; count < max; count += 1)
        after = add({ kind: 'split', first: compile(body, after), second: next });
    for (let count = 0; count < min; count += 1) after = compile(body, after);
    return after;
  }
  function loop(body: RegexNode, next: number): number {
    const split: Step = { kind: 'split', first: next, second: next };
    const head = add(split);
    split.first = compile(body, head);
    return head;
  }
  const match = add({ kind: 'match' });
  const body = compile(node, match);
  const search: Step = { kind: 'split', first: body, second: body };
  const entry = add(search);
  search.second = add({ kind: 'chars', set: everyChar, next: entry });
  return { steps, entry, body };
}
