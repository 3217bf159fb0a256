import { GleanerError } from '../gleaner-error.ts';
import type { Cell } from './column-tree.ts';
import type { Column } from './column.ts';

/** A cell as a format with types takes it: whole numbers as such, dates as dates, everything else as text. */
export type TypedCell = string | number | boolean | Date | null;

/**
 * Reads a cell as its column's type.
 *
 * @throws {GleanerError} when the value is none of that type, which would otherwise be lost
 */
export function typedCell(value: Cell, { name, type }: Column): TypedCell {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'text':
      return typeof value === 'string' ? value : JSON.stringify(value);
    case 'json':
      return JSON.stringify(value);
    case 'boolean':
      if (typeof value === 'boolean') return value;
      break;
    case 'number':
      if (typeof value === 'number') return value;
      break;
    case 'integer':
      if (Number.isSafeInteger(value)) return Number(value);
      break;
    case 'date':
    case 'timestamp': {
      const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
      if (!Number.isNaN(time)) return new Date(time);
      break;
    }
    default:
      return type satisfies never;
  }
  throw new GleanerError(
    'output-unwritable',
    `Cannot write the column "${name}": the schema says ${type}, and a value of it is something else; write CSV or JSON lines instead`,
  );
}
