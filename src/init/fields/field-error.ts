import { GleanerError, markErrors } from '../../gleaner-error.ts';

/** How much of the text is shown on each side of the place. */
const SHOWN = 40;

/** What the text of `fields` says at one column and should not. */
export class FieldError extends GleanerError {
  static {
    markErrors(this, 'FieldError');
  }

  /** From 1. */
  readonly column: number;
  /** The text around the column on one line, and a mark below it on the next. */
  readonly place: string;

  constructor(text: string, column: number, problem: string) {
    super('fields-invalid', `Cannot read the fields: at column ${column} ${problem}`, { facts: { column } });
    this.column = column;
    this.place = placeIn(text, column);
  }
}

function placeIn(text: string, column: number): string {
  const from = Math.max(0, column - 1 - SHOWN);
  const part = text.slice(from, column - 1 + SHOWN).replaceAll(/\s/g, ' ');
  return `  ${part}\n  ${' '.repeat(column - 1 - from)}^`;
}
