import type { JsonObject } from '../json/value.ts';

/** What can be told of a zod schema without running it; the schemas in it are of the same flavour. */
export type ZodReading =
  /** Takes, or may take, more than its kind shows: coercion, `catch`, `preprocess`, custom types. */
  | { kind: 'anything' }
  | { kind: 'scalar'; json: JsonObject }
  | { kind: 'array'; element: object; json: JsonObject }
  | { kind: 'tuple'; items: readonly object[]; rest: object | undefined }
  | { kind: 'object'; shape: Readonly<Record<string, object>>; rest: 'open' | 'closed' | object }
  | { kind: 'record'; value: object }
  | { kind: 'union'; options: readonly object[] }
  | { kind: 'nullable'; inner: object }
  /** May be left out of an object. */
  | { kind: 'optional'; inner: object }
  | { kind: 'wrapper'; inner: object };
