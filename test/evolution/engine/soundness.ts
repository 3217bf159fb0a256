import type { SchemaComparison } from '../../../src/evolution/engine/compare-schemas.ts';
import { compareSchemas } from '../../../src/evolution/engine/compare-schemas.ts';
import { Validator } from '../../../src/evolution/engine/validate.ts';
import type { JsonValue } from '../../../src/json/value.ts';
import {
  editShape,
  jsonSchemaOf,
  randomFrom,
  randomShape,
  sampleDocument,
  toZod3,
  toZod4,
  type Shape,
} from './zod-edits.ts';

export interface SoundnessRun {
  readonly older: JsonValue;
  readonly newer: JsonValue;
  readonly comparison: SchemaComparison;
  /** A document that a side with the verdict "compatible" allows and its reader refuses: a wrong verdict. */
  readonly refutation:
    | { readonly direction: 'backward' | 'forward'; readonly document: JsonValue; readonly reader: 'validator' | 'zod' }
    | undefined;
}

/** Makes a random zod schema and an edit of it, compares them, and tries to refute every "compatible" with samples. */
export function trySoundness(seed: number, samples: number): SoundnessRun {
  const random = randomFrom(seed);
  const isZod4 = seed % 3 !== 0;
  const before = randomShape(random);
  const after = editShape(random, random() < 0.3 ? editShape(random, before) : before);
  const zodOf = isZod4 ? toZod4 : toZod3;
  const oldZod = zodOf(before);
  const newZod = zodOf(after);
  const older = jsonSchemaOf(oldZod);
  const newer = jsonSchemaOf(newZod);
  const comparison = compareSchemas(older, newer);
  const lenient = compareSchemas(older, newer, { reader: 'zod' });
  const accepts = { older: new Validator(older), newer: new Validator(newer) };
  // In output mode a strict object looks like a plain one, so zod's own answer is asked only where there is none.
  const isPlain = !JSON.stringify([before, after]).includes('"rest":"strict"');
  function refute(): SoundnessRun['refutation'] {
    const directions = [
      { direction: 'backward', shape: before, writes: accepts.older, reads: accepts.newer, readerZod: newZod },
      { direction: 'forward', shape: after, writes: accepts.newer, reads: accepts.older, readerZod: oldZod },
    ] as const;
    for (const { direction, shape, writes, reads, readerZod } of directions) {
      const isCompatible = comparison[direction].verdict === 'compatible';
      const isReadByZod = isPlain && lenient[direction].verdict === 'compatible';
      if (!isCompatible && !isReadByZod) continue;
      for (let count = 0; count < samples; count += 1) {
        const document = sampleDocument(random, sourceOf(random, shape, before, after));
        if (!writes.accepts(document)) continue;
        if (isCompatible && !reads.accepts(document)) return { direction, document, reader: 'validator' };
        // Zod counts UTF-16 units where JSON Schema counts characters.
        if (isReadByZod && !isAstral(document) && !readerZod.safeParse(document).success)
          return { direction, document, reader: 'zod' };
      }
    }
    return undefined;
  }
  return { older, newer, comparison, refutation: refute() };
}

/** Mostly the writer's own shape; documents made for the other side's shape probe its edges. */
function sourceOf(random: () => number, own: Shape, before: Shape, after: Shape): Shape {
  return random() < 0.8 ? own : own === before ? after : before;
}

function isAstral(document: JsonValue): boolean {
  return Array.from(JSON.stringify(document)).some((char) => char.length > 1);
}
