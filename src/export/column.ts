/** What the values of a column are; `json` is the text of JSON, for lists and for what no schema describes. */
export type ColumnType = 'text' | 'integer' | 'number' | 'boolean' | 'date' | 'timestamp' | 'json';

export interface Column {
  name: string;
  type: ColumnType;
}

/** The type that holds the values of both. */
export function commonType(one: ColumnType | undefined, other: ColumnType): ColumnType {
  if (one === undefined || one === other) return other;
  const isNumeric = (type: ColumnType): boolean => type === 'integer' || type === 'number';
  if (isNumeric(one) && isNumeric(other)) return 'number';
  // Text beside a number is text; whoever reads it as such loses nothing.
  return one === 'json' || other === 'json' ? 'json' : 'text';
}
