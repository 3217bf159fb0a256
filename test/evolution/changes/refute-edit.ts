import { Validator } from '../../../src/evolution/engine/validate.ts';
import type { JsonValue } from '../../../src/json/value.ts';
import { randomFrom } from '../engine/zod-edits.ts';
import type { EditTrial } from './edit-law.ts';

/** A document that a side with the verdict "compatible" allows and its reader refuses, among as many random ones. */
export function refuteEdit(trial: EditTrial, seed: number, count: number): JsonValue | undefined {
  const random = randomFrom(seed);
  const older = new Validator(trial.older);
  const newer = new Validator(trial.newer);
  for (let index = 0; index < count; index += 1) {
    const document = randomDocument(random, 3);
    const [isOld, isNew] = [older.accepts(document), newer.accepts(document)];
    if (trial.comparison.backward.verdict === 'compatible' && isOld && !isNew) return document;
    if (trial.comparison.forward.verdict === 'compatible' && isNew && !isOld) return document;
  }
  return undefined;
}

const SCALARS: readonly JsonValue[] = [
  '',
  'x',
  'y',
  'z',
  'a',
  'ab',
  'aab',
  'bbbb',
  0,
  1,
  2,
  3.5,
  6,
  7,
  null,
  true,
  false,
];

function randomDocument(random: () => number, depth: number): JsonValue {
  const kind = random();
  if (depth === 0 || kind < 0.3) return SCALARS[Math.floor(random() * SCALARS.length)] ?? null;
  const inner = (): JsonValue => randomDocument(random, depth - 1);
  if (kind < 0.5) return Array.from({ length: Math.floor(random() * 4) }, inner);
  const names = ['a', 'b', 'c', 'ab', 'ca'].filter(() => random() < 0.4);
  return Object.fromEntries(names.map((name) => [name, inner()]));
}
