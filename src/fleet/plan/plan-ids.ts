import { hash } from 'node:crypto';
import type { Extraction } from '../../extraction/definition.ts';
import { checkIdColumn, compileRecordId } from '../../extraction/record-id.ts';
import { GleanerError } from '../../gleaner-error.ts';
import type { PlanIds } from './scan-plan.ts';

/** How the records of an extraction get their ids, for the plan of its input. */
export function planIdsOf(extraction: Extraction, idField?: string): PlanIds {
  const rule = idField ?? extraction.id;
  // Numbers of rows do not repeat.
  if (rule === undefined) return { rule: null };
  const recordId = compileRecordId(extraction, idField);
  return {
    rule: typeof rule === 'function' ? `function ${hash('sha256', String(rule)).slice(0, 16)}` : rule,
    idOf: ({ fields, index }) => {
      const id = recordId(fields, index);
      return id.ok ? id.id : undefined;
    },
    check: (columns) => {
      const refusal = checkIdColumn(extraction, idField, columns);
      if (refusal !== undefined) throw new GleanerError('run-differs', refusal);
    },
  };
}
