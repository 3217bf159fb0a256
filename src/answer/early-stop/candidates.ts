import { TYPE_BIT, type Alternatives, type Shape } from './stream-shape.ts';

/** Brackets and the quotation mark. */
const NEVER_BARE: ReadonlySet<number> = new Set([0x22, 0x5b, 0x7b]);

/**
 * The shapes a value may still have. Each belongs to one of the shapes of the value around it, and that one is out when
 * none of its own is left; `owners` holds its place there, and is undefined where there is only one.
 */
export interface Candidates {
  shapes: Alternatives;
  owners: readonly number[] | undefined;
}

/** What those below may be: the children of each shape. */
export function descend({ shapes }: Candidates, below: (shape: Shape) => Alternatives): Candidates {
  const [only] = shapes;
  if (shapes.length === 1 && only !== undefined) return { shapes: below(only), owners: undefined };
  const found: Shape[] = [];
  const owners: number[] = [];
  for (const [owner, shape] of shapes.entries()) {
    for (const child of below(shape)) {
      found.push(child);
      owners.push(owner);
    }
  }
  return { shapes: found, owners };
}

export function filter({ shapes, owners }: Candidates, test: (shape: Shape, position: number) => boolean): Candidates {
  const kept = shapes.map(test);
  return {
    shapes: shapes.filter((_, position) => kept[position]),
    owners: owners?.filter((_, position) => kept[position]),
  };
}

/** Those that pass; the same object where all do. */
export function keep(candidates: Candidates, test: (shape: Shape) => boolean): Candidates {
  const { shapes } = candidates;
  const [only] = shapes;
  if (shapes.length === 1 && only !== undefined && test(only)) return candidates;
  return shapes.every(test) ? candidates : filter(candidates, test);
}

/**
 * Whether what begins with a character may be text without its quotation marks, as 2031-04-17 and "nova shop" begin like a number and a
 * literal. Which it is shows at its end.
 */
export function mayBeBareText({ types, values }: Shape, code: number): boolean {
  if ((types & TYPE_BIT.string) === 0 || NEVER_BARE.has(code)) return false;
  return values === undefined || [...values].some((one) => typeof one === 'string' && one.charCodeAt(0) === code);
}

export function takesNumber(shape: Shape, value: number): boolean {
  return (
    (!shape.isInteger || Number.isInteger(value)) &&
    value >= shape.minimum &&
    value <= shape.maximum &&
    value > shape.exclusiveMinimum &&
    value < shape.exclusiveMaximum &&
    (shape.values === undefined || shape.values.has(value))
  );
}

export function takesLiteral({ values }: Shape, value: boolean | null): boolean {
  return values === undefined || values.has(value);
}

/** `units`: its length in UTF-16 units, `points`: in code points. */
export function takesText(
  { minLength, maxLength, values }: Shape,
  { value, units, points }: { value: string; units: number; points: number },
): boolean {
  return units >= minLength && points <= maxLength && (values === undefined || values.has(value));
}

export function hasRequired(shape: Shape): boolean {
  return shape.required.length > 0;
}

export function hasAll(seen: ReadonlySet<string>, required: readonly string[]): boolean {
  return required.every((key) => seen.has(key));
}
