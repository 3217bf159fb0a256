import { defineExtraction } from '../../../src/extraction/define-extraction.ts';
import { GleanerError } from '../../../src/gleaner-error.ts';
import { baselineOf } from '../../../src/evolution/check/baseline-schema.ts';
import { checkDefinitions } from '../../../src/evolution/check/check.ts';
import { notesOf } from '../../../src/evolution/check/formats/describe-pair.ts';
import { snapshotOf } from '../../../src/evolution/check/snapshot-of.ts';
import type { SnapshotContent } from '../../../src/evolution/check/snapshot.ts';
import type { ReaderModel } from '../../../src/evolution/engine/reader-model.ts';
import { isJsonObject, type JsonValue } from '../../../src/json/value.ts';
import type { ZodSchema } from '../../../src/schema/zod-schema.ts';
import { randomFrom } from '../engine/zod-edits.ts';
import { samples, wrapSamples } from './samples.ts';
import { generations, kindsOf, makeZod, wrappersOf, type Generation } from './zod-kinds.ts';

/** A definition with one field, its schema as gleaner sees it, and results that it may have stored. */
interface Written {
  readonly generation: Generation;
  readonly text: string;
  readonly schema: ZodSchema;
  readonly content: SnapshotContent;
  readonly stored: readonly JsonValue[];
  /** What is stored is what the schema takes: nothing is coerced, filled in or made of something else. */
  readonly isPlain: boolean;
}

const NOT_PLAIN = /coerce|transform|pipe|codec|default|catch|stringbool|preprocess|templateLiteral/;

/** Writes a definition with the field; undefined where gleaner refuses such a schema, or zod does. */
async function writeField(
  generation: Generation,
  text: string,
  values: readonly unknown[] = samples,
): Promise<Written | undefined> {
  try {
    const field = makeZod(generation, text);
    const schema = makeZod(generation, `z.object({ u: ${text} })`);
    const extraction = defineExtraction({
      name: 'field',
      model: 'google/gemini-3.5-flash-lite',
      schema: schema as never,
      instructions: 'Read.',
      prompt: '{{text}}',
    });
    const content = await snapshotOf(extraction);
    const stored = new Map<string, JsonValue>();
    for (const sample of values) {
      const result = parse(field, sample);
      if (result === undefined) continue;
      const json = JSON.stringify({ u: result.value });
      // No results are stored with what JSON has no number for.
      if (/null/.test(json) && !isFinite(result.value)) continue;
      stored.set(json, JSON.parse(json) as JsonValue);
    }
    return { generation, text, schema, content, stored: [...stored.values()], isPlain: !NOT_PLAIN.test(text) };
  } catch (error) {
    if (
      error instanceof GleanerError ||
      error instanceof TypeError ||
      /zod|Expected|Invalid|represent/i.test(String(error))
    )
      return undefined;
    throw error;
  }
}

function isFinite(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value !== 'object' || value === null || Object.values(value).every((member) => isFinite(member));
}

function parse(schema: ZodSchema, value: unknown): { value: unknown } | undefined {
  try {
    const result = schema['~standard'].validate(structuredClone(value));
    if (result instanceof Promise || result.issues !== undefined) return undefined;
    return { value: result.value };
  } catch {
    // Sides of an intersection that cannot be merged make zod throw.
    return undefined;
  }
}

export interface Miss {
  readonly older: string;
  readonly newer: string;
  readonly reader: ReaderModel;
  readonly document: JsonValue;
}

/** A stored result that the new schema refuses, of those that the old one may have left. */
function breaks(older: Written, newer: Written): JsonValue | undefined {
  return older.stored.find((result) => parse(newer.schema, result) === undefined);
}

/** A stored result that the edit makes unreadable while the check says "compatible" and nothing else. */
function findMiss(older: Written, newer: Written): Miss | undefined {
  const document = breaks(older, newer);
  // What no schema shows is always told.
  if (document === undefined || newer.content.unseen.length > 0) return undefined;
  for (const reader of newer.isPlain ? (['validator', 'zod'] as const) : (['zod'] as const)) {
    if (isSilent(older, newer, reader)) {
      const name = ({ generation, text }: Written): string => `${generation}: ${text}`;
      return { older: name(older), newer: name(newer), reader, document };
    }
  }
  return undefined;
}

function isSilent(older: Written, newer: Written, reader: ReaderModel): boolean {
  const snapshot = { ...older.content, number: 1, date: '2026-01-01', gleaner: '1.0.0' };
  const candidate = {
    content: newer.content,
    reference: 'field',
    file: 'field.ts',
    source: '',
    mode: 'backward',
    acceptances: [],
    locked: null,
  } as const;
  const baseline = {
    label: 'before',
    schemas: new Map([['field', [baselineOf(snapshot, '1.json')]]]),
    others: new Map(),
  };
  const [checked] = checkDefinitions([candidate], baseline, { reader, againstOption: 'before' }).definitions;
  return checked?.verdict === 'compatible' && notesOf(checked).length === 0;
}

export interface Tally {
  /** Edits that make a stored result unreadable. */
  breaking: number;
  /** Those of them that pass as compatible without a note. */
  misses: Miss[];
  /** Ways to write a field that gleaner or zod refuses. */
  refused: string[];
}

/**
 * Edits a field from each way to write it into others, in each generation of zod, alone and inside of something else, and
 * counts the edits of which a check says nothing although they break.
 *
 * @param options.most edits into each way, and of each way to put it into something else; default all
 * @param options.share of the ways to write a field that are tried; default 1
 */
export async function tallyBreaks(options: { seed: number; most?: number; share?: number }): Promise<Tally> {
  const { seed, most = Infinity, share = 1 } = options;
  const random = randomFrom(seed);
  const tally: Tally = { breaking: 0, misses: [], refused: [] };
  function count(older: Written, newer: Written): void {
    tally.breaking += 1;
    const miss = findMiss(older, newer);
    if (miss !== undefined) tally.misses.push(miss);
  }
  const earlier: Written[] = [];
  for (const generation of generations) {
    const written: Written[] = [];
    for (const text of kindsOf[generation]) {
      if (random() >= share) continue;
      const field = await writeField(generation, text);
      if (field === undefined) tally.refused.push(`${generation}: ${text}`);
      else written.push(field);
    }
    const edits = written.map((newer) => ({
      newer,
      olders: some(random, written, most, (older) => older !== newer && breaks(older, newer) !== undefined),
    }));
    // Who moves from one generation to another edits at the same time.
    for (const newer of written) {
      for (const older of some(random, earlier, Math.min(most, 5), (other) => breaks(other, newer) !== undefined)) {
        count(older, newer);
        if (breaks(newer, older) !== undefined) count(newer, older);
      }
    }
    earlier.push(...written);
    for (const { newer, olders } of edits) for (const older of olders) count(older, newer);
    for (const wrapper of wrappersOf[generation]) {
      for (const { newer, olders } of some(random, edits, most, (edit) => edit.olders.length > 0)) {
        const [older] = olders;
        if (older === undefined) continue;
        const values = wrapSamples([...older.stored.slice(0, 20).map(fieldOf), fieldOf(breaks(older, newer) ?? null)]);
        const inside = async ({ text }: Written): Promise<Written | undefined> =>
          writeField(generation, wrapper.replace('{}', text), values);
        const [before, after] = [await inside(older), await inside(newer)];
        if (before !== undefined && after !== undefined && breaks(before, after) !== undefined) count(before, after);
      }
    }
  }
  return tally;
}

function fieldOf(result: JsonValue): JsonValue {
  return isJsonObject(result) ? (result['u'] ?? null) : null;
}

/** The first of the items, in an order by chance, that fulfil the condition. */
function some<Item>(
  random: () => number,
  items: readonly Item[],
  most: number,
  isWanted: (item: Item) => boolean,
): Item[] {
  const found: Item[] = [];
  const start = Math.floor(random() * items.length);
  // A step without a common divisor visits all of them.
  const step = 1 + 2 * Math.floor(random() * items.length);
  for (let at = 0, index = start; at < items.length && found.length < most; at += 1, index += step) {
    const item = items[(most === Infinity ? at : index) % items.length];
    if (item !== undefined && isWanted(item)) found.push(item);
  }
  return found;
}
