// How answers are read, in figures: npx jiti bench/answers.ts [--runs 300] [--seed 7] [texts.jsonl ...]
//
// Records are written down with each of 38 faults, --runs of each, and read again. What is taken with another value than the record's is wrong.
// Files hold lines of {text, schema, suite, expected | right}; without `expected`, or where `right` is "refuse", only asking again is right.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { judgeText } from '../src/answer/judge-answer.ts';
import type { JsonObject, JsonValue } from '../src/json/value.ts';
import { sorted, tallyFaults } from '../test/answer/damaged-records.ts';

const { values: flags, positionals: files } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '300' }, seed: { type: 'string', default: '7' } },
});
await measureFaults(Number(flags.runs), Number(flags.seed));
for (const file of files) await measureTexts(file);
await measureBrackets(10_000_000);

async function measureFaults(runs: number, seed: number): Promise<void> {
  const all: Counts = { right: 0, asked: 0, wrong: 0 };
  for await (const { name, right, asked, wrong } of tallyFaults(runs, seed)) {
    print(name, { right, asked, wrong: wrong.length });
    for (const text of wrong.slice(0, 3)) console.log(`    ${text}`);
    all.right += right;
    all.asked += asked;
    all.wrong += wrong.length;
  }
  print('all faults', all);
}

interface Case {
  suite?: string;
  kind?: string;
  text: string;
  schema?: JsonObject;
  expected?: JsonValue;
  right?: JsonValue;
}

interface Counts {
  right: number;
  asked: number;
  wrong: number;
}

/** Right is the value that is meant, or asking again where none is. */
async function measureTexts(file: string): Promise<void> {
  const bySuite = new Map<string, Counts>();
  const all: Counts = { right: 0, asked: 0, wrong: 0 };
  let leftOut = 0;
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const { suite = 'texts', kind = '', text, schema = { type: 'object' }, expected, right } = JSON.parse(line) as Case;
    const meant = right === 'refuse' ? undefined : (right ?? expected);
    const zod = zodOf(schema);
    if (zod === undefined) {
      leftOut += 1;
      continue;
    }
    const verdict = await judgeText(text, zod, { schema });
    const end = verdict.status === 'valid' ? isMeant(verdict.json, meant) : meant === undefined ? 'right' : 'asked';
    if (end === 'wrong' && verdict.status === 'valid')
      console.log(`    ${suite} ${kind}: ${text.slice(0, 200)} -> ${JSON.stringify(verdict.json).slice(0, 200)}`);
    const counts = bySuite.get(suite) ?? { right: 0, asked: 0, wrong: 0 };
    bySuite.set(suite, counts);
    counts[end] += 1;
    all[end] += 1;
  }
  for (const [suite, counts] of bySuite) print(suite, counts);
  print(`all of ${file}`, all);
  if (leftOut > 0) console.log(`left out, as their schemas cannot be written in zod: ${leftOut}`);
}

function isMeant(taken: JsonValue, meant: JsonValue | undefined): 'right' | 'wrong' {
  return JSON.stringify(sorted(taken)) === JSON.stringify(sorted(meant)) ? 'right' : 'wrong';
}

function zodOf(schema: JsonObject): z.ZodObject | undefined {
  try {
    return toZod(schema) as z.ZodObject;
  } catch {
    return undefined;
  }
}

/** As definitions write it: objects drop what they do not know, which JSON Schema lets through. */
function toZod(schema: JsonObject): z.ZodType {
  const { properties, required, items, anyOf } = schema as {
    properties?: Record<string, JsonObject>;
    required?: string[];
    items?: JsonObject;
    anyOf?: JsonObject[];
  };
  if (anyOf !== undefined) return z.union(anyOf.map(toZod));
  if (Array.isArray(schema.type)) return z.union(schema.type.map((type) => toZod({ ...schema, type })));
  if (schema.type === 'array' && items !== undefined) return z.array(toZod(items));
  if (schema.type !== 'object') return z.fromJSONSchema(schema as never);
  if (properties === undefined) return z.looseObject({});
  const members = Object.entries(properties).map(([name, member]) => {
    const value = toZod(member);
    return [name, required?.includes(name) ? value : value.optional()] as const;
  });
  return z.object(Object.fromEntries(members));
}

async function measureBrackets(length: number): Promise<void> {
  for (const bracket of ['{', '[', '{"a":', ']']) {
    const begin = process.cpuUsage();
    await judgeText(bracket.repeat(length / bracket.length), z.object({ a: z.string() }), {});
    const { user, system } = process.cpuUsage(begin);
    console.log(`10 MB of ${bracket}: ${((user + system) / 1e6).toFixed(2)} s of CPU`);
  }
}

function print(name: string, { right, asked, wrong }: Counts): void {
  const share = (right / (right + asked + wrong)) * 100;
  console.log(`${name}: ${right} right (${share.toFixed(1)} %), ${asked} asked again, ${wrong} wrong`);
}
