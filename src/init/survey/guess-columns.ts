import type { InputSurvey, SurveyedColumn } from './survey-input.ts';

/** What the columns of an input are for. */
export interface ColumnRoles {
  /** The column with the ids; undefined where none has another value in every record. */
  readonly id: string | undefined;
  /** The columns that the model is to read. */
  readonly texts: readonly string[];
}

const ID_NAME = /(?:^|[\s_-])(?:id|ids|uuid|guid|key|nr|no|number|code)$|^id[\s_-]|[a-z]I[Dd]$/i;
const TEXT_NAME = /(?:^|[\s_-])(?:text|body|content|message|description|comment|notes?|transcript|ocr|html)$/i;
const LONGEST_ID = 200;
/** Values that are longer, on the average, are prose. */
const PROSE_LENGTH = 40;

/** Tells which column holds ids and which hold text, by names and values. */
export function guessColumns({ columns, records }: InputSurvey): ColumnRoles {
  const unique = columns.filter((column) => isUnique(column, records));
  const id =
    unique.find(({ name }) => ID_NAME.test(name)) ??
    unique.find((column) => hasShortWords(column) && !TEXT_NAME.test(column.name));
  const usable = columns.filter((column) => column !== id && canBePlaceholder(column.name) && column.values.length > 0);
  const prose = usable.filter((column) => TEXT_NAME.test(column.name) || meanLength(column) >= PROSE_LENGTH);
  const texts = prose.length > 0 ? prose : usable;
  return { id: id?.name, texts: texts.map(({ name }) => name) };
}

/** Whether `{{name}}` in a template means this column. */
export function canBePlaceholder(name: string): boolean {
  return !/[{}]/.test(name) && name.trim() === name && name !== '' && name !== '?';
}

function isUnique({ values }: SurveyedColumn, records: number): boolean {
  if (values.length < records) return false;
  const isId = (value: unknown): boolean =>
    (typeof value === 'string' && value.length <= LONGEST_ID) || typeof value === 'number';
  return values.every(isId) && new Set(values.map(String)).size === records;
}

/** Ids are seldom sentences; one record alone proves nothing. */
function hasShortWords({ values }: SurveyedColumn): boolean {
  return values.length > 1 && values.every((value) => /^\S{1,64}$/.test(String(value)));
}

function meanLength({ values }: SurveyedColumn): number {
  const lengths = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)).length);
  return lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length);
}
