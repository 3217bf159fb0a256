import { stat } from 'node:fs/promises';
import { canonicalJson } from '../../json/canonical.ts';
import type { JsonValue } from '../../json/value.ts';
import { formatCount } from '../../text/format.ts';
import { digestFile } from '../../records/file-digest.ts';
import type { PlanOptions } from './plan-input.ts';
import { withoutGaps } from './plan-lines.ts';
import type { Plan } from './plan.ts';

/** What makes a plan another one than that of an input as it is to be read, in parts of a sentence. */
export async function differencesOf(plan: Plan, path: string, options: PlanOptions): Promise<string[]> {
  const { definition = {}, reading, chunkRows, ids } = options;
  const parts = new Set([...Object.keys(definition), ...Object.keys(plan.definition)]);
  const differing = [...parts].filter((part) => !isSame(definition[part], plan.definition[part]));
  return [
    ...(differing.length === 0 ? [] : [`the definition is another now (${differing.join(', ')})`]),
    ...describe('ids are taken from', nameOfIds(ids.rule), nameOfIds(plan.head.ids)),
    ...describe('the input is read with', withoutGaps(reading), plan.head.reading),
    ...(chunkRows === undefined ? [] : describe('chunks have at most', chunkRows, plan.head.chunkRows)),
    ...(await describeInput(plan, path, options)),
  ];
}

async function describeInput({ end }: Plan, path: string, { check = 'bytes', signal }: PlanOptions): Promise<string[]> {
  const { sha256, bytes } = end.input;
  const found = await stat(path).catch(() => undefined);
  // What cannot be read at all says so itself.
  if (found === undefined) await digestFile(path, signal);
  else if (found.size !== bytes) {
    return [`the input has other contents, ${formatCount(found.size)} bytes now, in the plan ${formatCount(bytes)}`];
  }
  if (check === 'size' || (await digestFile(path, signal)).sha256 === sha256) return [];
  return ['the input has other contents, of as many bytes'];
}

function describe(what: string, now: JsonValue | object, before: JsonValue | object): string[] {
  return isSame(now, before) ? [] : [`${what} ${JSON.stringify(now)} now, in the plan ${JSON.stringify(before)}`];
}

function nameOfIds(rule: JsonValue): JsonValue {
  return rule ?? 'the row number';
}

function isSame(one: unknown, other: unknown): boolean {
  return canonicalJson(one as JsonValue) === canonicalJson(other as JsonValue);
}
