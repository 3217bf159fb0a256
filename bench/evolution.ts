/**
 * Prints how right and how fast schema comparison is: `npx jiti bench/evolution.ts [pairs.jsonl] [edits] [listed edits]`.
 *
 * The pairs are lines of `{ id, old, new, draft, expected: { backward, forward } }`; without such a file that part is left
 * out. Then consecutive versions of published schemas are compared, and schemas that differ in one keyword. The edits are random edits of random zod schemas whose "compatible" verdicts sampled documents try to refute; the listed
 * edits are random edits of schemas over all keywords, and a break must have a breaking change at the edited place. Last, every way to
 * write a field in zod is edited into every other one, to find edits that break stored results and of which nothing is said.
 */
import { existsSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { compareSchemas } from '../src/evolution/engine/compare-schemas.ts';
import { isJsonObject, type JsonValue } from '../src/json/value.ts';
import { tryEdit } from '../test/evolution/changes/edit-law.ts';
import { trySoundness } from '../test/evolution/engine/soundness.ts';
import { tallyBreaks } from '../test/evolution/zod/zod-breaks.ts';
import { keywordPairs } from './keyword-pairs.ts';
import { checkManyDefinitions } from './many-definitions.ts';
import { publishedPairs } from './published-pairs.ts';

interface Pair {
  id: string;
  old: JsonValue;
  new: JsonValue;
  draft: string;
  expected: Record<'backward' | 'forward', boolean | null>;
}

const [pairsPath = '../shared/data/schema-pairs.jsonl', edits = '100000', listed = '20000'] = process.argv.slice(2);
const directions = ['backward', 'forward'] as const;

if (existsSync(pairsPath)) comparePairs(readFileSync(pairsPath, 'utf8'));
else print('pairs', `none at ${pairsPath}`);
for (const kind of ['plain', 'typed'] as const)
  print(`500 ${kind} definitions with git, p50 / p95 / max`, inMilliseconds(checkManyDefinitions(500, 3, kind)));
await comparePublished();
compareKeywords();
refuteEdits(Number(edits));
listEdits(Number(listed));
await countSilentBreaks();

function comparePairs(text: string): void {
  const pairs = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Pair);
  const counts = { judged: 0, right: 0, falseCompatible: 0, falseBreaking: 0, unknown: 0, breaking: 0, confirmed: 0 };
  const disputed: string[] = [];
  const times: number[] = [];
  const bytes: number[] = [];
  // The first round warms up the compiler, as a check of many schemas does.
  for (const isWarm of [false, true]) {
    for (const pair of pairs) {
      const draft = pair.draft === '2019-09' || pair.draft === '2020-12' ? pair.draft : '7';
      const start = performance.now();
      const comparison = compareSchemas(pair.old, pair.new, { draft });
      if (!isWarm) continue;
      times.push(performance.now() - start);
      for (const direction of directions) {
        const { verdict, witness } = comparison[direction];
        const [writer, reader] = direction === 'backward' ? [pair.old, pair.new] : [pair.new, pair.old];
        const isConfirmed =
          verdict === 'breaking' &&
          witness !== undefined &&
          isAccepted(writer, witness, draft) &&
          !isAccepted(reader, witness, draft);
        if (verdict === 'breaking') {
          counts.breaking += 1;
          counts.confirmed += isConfirmed ? 1 : 0;
          bytes.push(Buffer.byteLength(JSON.stringify(witness)));
        }
        const expected = pair.expected[direction];
        if (expected === null) continue;
        counts.judged += 1;
        if (verdict === 'unknown') counts.unknown += 1;
        else if ((verdict === 'compatible') === expected) counts.right += 1;
        else if (isConfirmed) disputed.push(`${pair.id} ${direction} ${JSON.stringify(witness).slice(0, 60)}`);
        else if (expected) counts.falseBreaking += 1;
        else counts.falseCompatible += 1;
      }
    }
  }
  print('pairs', String(pairs.length));
  print('directions right', `${counts.right} of ${counts.judged - disputed.length}`);
  print('expectation refuted by a document that ajv confirms', String(disputed.length));
  for (const line of disputed) print('', line);
  print('false "compatible"', String(counts.falseCompatible));
  print('false "breaking"', String(counts.falseBreaking));
  print('unknown', `${((100 * counts.unknown) / counts.judged).toFixed(2)} %`);
  print('witnesses confirmed by ajv', `${counts.confirmed} of ${counts.breaking}`);
  print('witness, median', `${quantile(bytes, 0.5)} bytes`);
  print('time a pair, p50 / p95 / max', inMilliseconds(times));
}

/** Times are of the processor, so that work beside does not count. */
async function comparePublished(): Promise<void> {
  const { pairs, skipped } = await publishedPairs();
  const undecided: string[] = [];
  const times: number[] = [];
  for (const { id, old, new: newer } of pairs) {
    const start = process.cpuUsage();
    const comparison = compareSchemas(old, newer);
    times.push(process.cpuUsage(start).user / 1_000);
    const reasons = directions.flatMap((direction) =>
      comparison[direction].verdict === 'unknown' ? comparison[direction].reasons : [],
    );
    if (reasons.length > 0) undecided.push(`${id}: ${reasons[0] ?? ''}`);
  }
  print('pairs of published schemas, decided both ways', `${pairs.length - undecided.length} of ${pairs.length}`);
  for (const line of undecided) print('', line);
  print('left out', String(skipped.length));
  for (const line of skipped) if (!line.endsWith('did not change')) print('', line);
  print('CPU for such a pair, p50 / p95 / max', inMilliseconds(times));
}

/** What a format without a pattern means is left to the reader, so that such edits are counted apart. */
function compareKeywords(): void {
  const counts = { decided: 0, unknown: 0, ofFormats: 0 };
  const byKeyword = new Map<string, number>();
  for (const { keyword, old, new: newer } of keywordPairs()) {
    const comparison = compareSchemas(old, newer);
    for (const direction of directions) {
      const { verdict, reasons } = comparison[direction];
      if (verdict !== 'unknown') counts.decided += 1;
      else if (reasons.every((reason) => reason.includes('Undecided: format'))) counts.ofFormats += 1;
      else {
        counts.unknown += 1;
        byKeyword.set(keyword, (byKeyword.get(keyword) ?? 0) + 1);
      }
    }
  }
  const all = counts.decided + counts.unknown + counts.ofFormats;
  print('edits of one keyword, all drafts: directions', String(all));
  print('unknown', `${((100 * counts.unknown) / all).toFixed(2)} %`);
  for (const [keyword, count] of byKeyword) print('', `${keyword} ${count}`);
  print('unknown for formats without a pattern', `${((100 * counts.ofFormats) / all).toFixed(2)} %`);
}

function refuteEdits(count: number): void {
  const verdicts = { compatible: 0, breaking: 0, unknown: 0 };
  const refuted: string[] = [];
  for (let seed = 0; seed < count; seed += 1) {
    const { comparison, refutation, older, newer } = trySoundness(seed, 12);
    for (const direction of directions) verdicts[comparison[direction].verdict] += 1;
    if (refutation !== undefined) refuted.push(JSON.stringify({ seed, refutation, older, newer }));
  }
  print('random zod edits', String(count));
  print('compatible / breaking / unknown', Object.values(verdicts).join(' / '));
  print('"compatible" refuted by a document', String(refuted.length));
  for (const line of refuted.slice(0, 10)) print('', line);
}

/** All ways to write a field that zod 3, 4 and mini have, each edited into every other one. */
async function countSilentBreaks(): Promise<void> {
  const { breaking, misses, refused } = await tallyBreaks({ seed: 1 });
  print('edits of zod fields whose stored results break', String(breaking));
  print('of which pass as compatible without a note', String(misses.length));
  for (const miss of misses.slice(0, 10)) print('', JSON.stringify(miss));
  print('ways to write a field that no model can fill', String(refused.length));
}

function listEdits(count: number): void {
  let breaking = 0;
  const unsaid: string[] = [];
  for (let seed = 0; seed < count; seed += 1) {
    const trial = tryEdit(seed);
    for (const direction of directions) if (trial.comparison[direction].verdict === 'breaking') breaking += 1;
    if (trial.unsaid.length > 0)
      unsaid.push(JSON.stringify({ seed, at: trial.at, older: trial.older, newer: trial.newer }));
  }
  print('random edits over all keywords', String(count));
  print('breaking directions', String(breaking));
  print('without a breaking change at the edited place', String(unsaid.length));
  for (const line of unsaid.slice(0, 10)) print('', line);
}

function isAccepted(schema: JsonValue, document: JsonValue, draft: '7' | '2019-09' | '2020-12'): boolean {
  const options = { strict: false, logger: false } as const;
  const ajv = draft === '7' ? new Ajv(options) : draft === '2019-09' ? new Ajv2019(options) : new Ajv2020(options);
  if (!isJsonObject(schema)) return schema === true;
  const { $schema: _, ...rest } = schema;
  return ajv.validate(rest, document);
}

function inMilliseconds(times: readonly number[]): string {
  return [0.5, 0.95, 1].map((part) => `${quantile(times, part).toFixed(2)} ms`).join(' / ');
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

function print(name: string, value: string): void {
  process.stdout.write(`${name.padEnd(52)} ${value}\n`);
}
