import { Budget } from '../../../src/evolution/engine/budget.ts';
import { compareWithin, type SchemaComparison } from '../../../src/evolution/engine/compare-schemas.ts';
import { randomFrom } from '../engine/zod-edits.ts';
import { randomEdit, type RandomEdit } from './random-schema-edits.ts';

export interface EditTrial extends RandomEdit {
  readonly comparison: SchemaComparison;
  /** The directions that are broken although no change at the edited place says so. */
  readonly unsaid: readonly ('backward' | 'forward')[];
}

/** Makes a random edit and looks whether each broken direction has a breaking change at the edited place. */
export function tryEdit(seed: number): EditTrial {
  const edit = randomEdit(randomFrom(seed));
  const comparison = compareWithin(new Budget(50_000), edit.older, edit.newer);
  const unsaid = (['backward', 'forward'] as const).filter(
    (direction) =>
      comparison[direction].verdict === 'breaking' &&
      !comparison.changes.some(
        ({ affects, severity, pointer }) =>
          severity === 'breaking' && affects.includes(direction) && isNear(pointer.split('/').slice(1), edit.at),
      ),
  );
  return { ...edit, comparison, unsaid };
}

/** At the edited schema or inside it. */
function isNear(pointer: readonly string[], at: readonly string[]): boolean {
  return at.every((step, index) => step === pointer[index]);
}
