import type { JsonValue } from '../../json/value.ts';
import { Budget } from '../engine/budget.ts';
import { isEmptySchema } from '../engine/compare-schemas.ts';

/** Enough for any schema that says so plainly; a remark is worth no more. */
const BUDGET = 200_000;

/** Whether no document whatever fits a schema, as far as that can be shown. */
export function admitsNothing(schema: JsonValue): boolean {
  return isEmptySchema(new Budget(BUDGET), schema);
}
