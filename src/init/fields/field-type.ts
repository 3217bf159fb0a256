/** What one field holds, as the field language can say it. */
export type FieldType =
  | { readonly kind: ScalarKind }
  | { readonly kind: 'enum'; readonly values: readonly string[] }
  | { readonly kind: 'object'; readonly fields: readonly Field[] }
  | { readonly kind: 'list'; readonly of: FieldType }
  /** The value, or null where a record does not have it. */
  | { readonly kind: 'nullable'; readonly of: FieldType };

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** What the model is told of the field. */
  readonly description?: string;
}

export type ScalarKind = 'string' | 'number' | 'integer' | 'boolean' | 'date' | 'datetime' | 'email' | 'url';

export const SCALAR_KINDS: readonly ScalarKind[] = [
  'string',
  'number',
  'integer',
  'boolean',
  'date',
  'datetime',
  'email',
  'url',
];

/** What people of other languages write for the same. */
export const SCALAR_ALIASES: ReadonlyMap<string, ScalarKind> = new Map([
  ['text', 'string'],
  ['str', 'string'],
  ['int', 'integer'],
  ['float', 'number'],
  ['decimal', 'number'],
  ['bool', 'boolean'],
]);
