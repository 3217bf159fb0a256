import type { Formula } from './formula.ts';
import { rationalKey, type Rational } from './numbers/rational.ts';

/** One condition on documents of one JSON type. */
export type Literal =
  | { readonly type: 'boolean'; readonly kind: 'is'; readonly value: boolean }
  | NumberLiteral
  | StringLiteral
  | ArrayLiteral
  | ObjectLiteral;

export type NumberLiteral =
  | {
      readonly type: 'number';
      readonly kind: 'atLeast' | 'atMost';
      readonly bound: Rational;
      readonly exclusive: boolean;
    }
  | { readonly type: 'number'; readonly kind: 'multipleOf'; readonly step: Rational; readonly negated: boolean }
  | {
      readonly type: 'number';
      readonly kind: 'oneOf';
      readonly values: readonly Rational[];
      readonly negated: boolean;
    };

export type StringLiteral =
  | { readonly type: 'string'; readonly kind: 'minLength' | 'maxLength'; readonly count: number }
  | { readonly type: 'string'; readonly kind: 'pattern'; readonly source: string; readonly negated: boolean }
  | { readonly type: 'string'; readonly kind: 'format'; readonly name: string; readonly negated: boolean }
  | {
      readonly type: 'string';
      readonly kind: 'oneOf';
      readonly values: ReadonlySet<string>;
      readonly negated: boolean;
    };

/** Items at indexes from `from` up to, not including, `to`. */
export type ArrayLiteral =
  | { readonly type: 'array'; readonly kind: 'minItems'; readonly count: number }
  | { readonly type: 'array'; readonly kind: 'maxItems'; readonly count: number }
  | { readonly type: 'array'; readonly kind: 'unique'; readonly negated: boolean }
  | {
      readonly type: 'array';
      readonly kind: 'everyItem' | 'someItem';
      readonly from: number;
      readonly to: number;
      readonly formula: Formula;
    }
  /** At least, or at most, so many items satisfy the formula. */
  | {
      readonly type: 'array';
      readonly kind: 'minFitting' | 'maxFitting';
      readonly count: number;
      readonly formula: Formula;
    };

/** Properties whose names, taken as strings, satisfy `names`. */
export type ObjectLiteral =
  | { readonly type: 'object'; readonly kind: 'minProperties'; readonly count: number }
  | { readonly type: 'object'; readonly kind: 'maxProperties'; readonly count: number }
  | {
      readonly type: 'object';
      readonly kind: 'everyProperty' | 'someProperty';
      readonly names: Formula;
      readonly formula: Formula;
    };

/** Whether a literal holds of every value of its type, of none, or (undefined) of some. */
export function trivialTruth(literal: Literal): boolean | undefined {
  switch (literal.kind) {
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return literal.count <= 0 ? true : undefined;
    case 'maxLength':
    case 'maxItems':
    case 'maxProperties':
      return literal.count < 0 ? false : undefined;
    case 'oneOf':
      return (literal.type === 'number' ? literal.values.length : literal.values.size) === 0
        ? literal.negated
        : undefined;
    case 'minFitting':
      return literal.count <= 0 ? true : literal.formula.kind === 'false' ? false : undefined;
    case 'maxFitting':
      return literal.count < 0 ? false : literal.formula.kind === 'false' ? true : undefined;
    case 'everyItem':
      return literal.formula.kind === 'true' || literal.from >= literal.to ? true : undefined;
    case 'someItem':
      return literal.formula.kind === 'false' || literal.from >= literal.to ? false : undefined;
    case 'everyProperty':
      return literal.formula.kind === 'true' || literal.names.kind === 'false' ? true : undefined;
    case 'someProperty':
      return literal.formula.kind === 'false' || literal.names.kind === 'false' ? false : undefined;
    default:
      return undefined;
  }
}

/** The literal that holds of exactly the other values of the same type. */
export function negateLiteral(literal: Literal, not: (formula: Formula) => Formula): Literal {
  switch (literal.kind) {
    case 'is':
      return { ...literal, value: !literal.value };
    case 'atLeast':
      return { ...literal, kind: 'atMost', exclusive: !literal.exclusive };
    case 'atMost':
      return { ...literal, kind: 'atLeast', exclusive: !literal.exclusive };
    case 'multipleOf':
    case 'pattern':
    case 'format':
    case 'unique':
      return { ...literal, negated: !literal.negated };
    case 'oneOf':
      return literal.type === 'number'
        ? { ...literal, negated: !literal.negated }
        : { ...literal, negated: !literal.negated };
    case 'minLength':
      return { ...literal, kind: 'maxLength', count: literal.count - 1 };
    case 'maxLength':
      return { ...literal, kind: 'minLength', count: literal.count + 1 };
    case 'minItems':
      return { ...literal, kind: 'maxItems', count: literal.count - 1 };
    case 'maxItems':
      return { ...literal, kind: 'minItems', count: literal.count + 1 };
    case 'minFitting':
      return { ...literal, kind: 'maxFitting', count: literal.count - 1 };
    case 'maxFitting':
      return { ...literal, kind: 'minFitting', count: literal.count + 1 };
    case 'minProperties':
      return { ...literal, kind: 'maxProperties', count: literal.count - 1 };
    case 'maxProperties':
      return { ...literal, kind: 'minProperties', count: literal.count + 1 };
    case 'everyItem':
      return { ...literal, kind: 'someItem', formula: not(literal.formula) };
    case 'someItem':
      return { ...literal, kind: 'everyItem', formula: not(literal.formula) };
    case 'everyProperty':
      return { ...literal, kind: 'someProperty', formula: not(literal.formula) };
    case 'someProperty':
      return { ...literal, kind: 'everyProperty', formula: not(literal.formula) };
    default:
      return literal satisfies never;
  }
}

/** Equal keys mean equal literals. */
export function literalKey(literal: Literal): string {
  const prefix = `${literal.type[0]}.${literal.kind} `;
  switch (literal.kind) {
    case 'is':
      return `${prefix}${literal.value}`;
    case 'atLeast':
    case 'atMost':
      return `${prefix}${rationalKey(literal.bound)} ${literal.exclusive}`;
    case 'multipleOf':
      return `${prefix}${rationalKey(literal.step)} ${literal.negated}`;
    case 'oneOf':
      return literal.type === 'number'
        ? `${prefix}${literal.values.map(rationalKey).sort().join()} ${literal.negated}`
        : `${prefix}${textOfList(literal.values)} ${literal.negated}`;
    case 'pattern':
      return `${prefix}${literal.negated} ${literal.source}`;
    case 'format':
      return `${prefix}${literal.negated} ${literal.name}`;
    case 'unique':
      return `${prefix}${literal.negated}`;
    case 'everyItem':
    case 'someItem':
      return `${prefix}${literal.from} ${literal.to} ${literal.formula.id}`;
    case 'minFitting':
    case 'maxFitting':
      return `${prefix}${literal.count} ${literal.formula.id}`;
    case 'everyProperty':
    case 'someProperty':
      return `${prefix}${literal.names.id} ${literal.formula.id}`;
    default:
      return `${prefix}${literal.count}`;
  }
}

function textOfList(values: ReadonlySet<string>): string {
  const list = [...values];
  return JSON.stringify(list.length > 1 ? list.sort() : list);
}
