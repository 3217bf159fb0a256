import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { main } from '../../src/cli/main.ts';

function directory(files: Record<string, string>): string {
  const path = mkdtempSync(join(tmpdir(), 'gleaner-eval-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

async function run(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const out = { stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr'): Writable =>
    new Writable({
      write(chunk, _encoding, done) {
        out[name] += String(chunk);
        done();
      },
    });
  const code = await main(args, {
    stdin: Readable.from([]),
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    environment: {},
    runId: 'r-1',
    onStopSignal: () => () => undefined,
  });
  return { code, ...out };
}

const results = ['a', 'b', 'c']
  .map((id, index) => JSON.stringify({ id, index, data: { company: `Company ${id}`, total: index } }))
  .join('\n')
  .concat('\n');
const gold = 'id,company,total\na,company A,0\nb,Company b,9\nd,Company d,3\n';

test('results are compared with a table of gold: counts, rates, what has no result and what has no gold', async () => {
  const at = directory({ 'results.jsonl': results, 'gold.csv': gold });
  const { code, stdout } = await run(['eval', join(at, 'results.jsonl'), join(at, 'gold.csv'), '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    records: 3,
    missing: 1,
    missingIds: ['d'],
    withoutGold: 1,
    withoutGoldIds: ['c'],
    exact: 1 / 3,
    fields: {
      company: { match: 2, mismatch: 0, omission: 1, hallucination: 0, precision: 1, recall: 2 / 3 },
      total: { match: 1, mismatch: 1, omission: 1, hallucination: 0, precision: 0.5, recall: 1 / 3 },
    },
    worst: [
      { id: 'd', wrong: 2 },
      { id: 'b', wrong: 1 },
    ],
  });
});

test('a field below what it must reach fails the command, and only then', async () => {
  const at = directory({ 'results.jsonl': results, 'gold.csv': gold });
  const files = [join(at, 'results.jsonl'), join(at, 'gold.csv')];
  const failed = await run(['eval', ...files, '--fail-under', 'total=0.95,company=0.5']);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(/^total: F1 0\.4000 is below 0\.95\n$/);
  expect((await run(['eval', ...files, '--fail-under', 'company=0.5,all=0.5'])).code).toBe(0);
});

test('the page shows the worst records and lets nothing of them become markup', async () => {
  const hostile = JSON.stringify({ id: 'a', index: 0, data: { company: '<img src=x onerror=alert(1)>' } });
  const at = directory({ 'results.jsonl': `${hostile}\n`, 'gold.csv': 'id,company\na,<script>alert(1)</script>\n' });
  const page = join(at, 'page.html');
  expect((await run(['eval', join(at, 'results.jsonl'), join(at, 'gold.csv'), '--html', page])).code).toBe(0);
  const html = readFileSync(page, 'utf8');
  expect(html).toContain('another value');
  expect(html).not.toMatch(/<(img|script)/);
});

test.each<[string, string[], RegExp]>([
  ['a field that is not there', ['--fields', 'compny'], /none of that name; did you mean "company"\?/],
  ['a limit without a number', ['--fail-under', 'total'], /give a field and a number from 0 to 1, such as total=0\.95/],
  ['a limit for no field', ['--fail-under', 'totl=0.5'], /no field is named "totl"; did you mean "total"\?/],
  ['another column for ids', ['--by', 'number'], /has no column "number"; its columns are id, company, total/],
])('%s is told with what would be right', async (_name, flags, message) => {
  const at = directory({ 'results.jsonl': results, 'gold.csv': gold });
  const { code, stderr } = await run(['eval', join(at, 'results.jsonl'), join(at, 'gold.csv'), ...flags]);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});

test('labels of single values are no gold yet', async () => {
  const label = JSON.stringify({ id: 'a', path: '/total', value: 1, by: 'eve', at: '2026-02-01T10:00:00Z' });
  const at = directory({ 'results.jsonl': results, 'labels.jsonl': `${label}\n` });
  const { code, stderr } = await run(['eval', join(at, 'results.jsonl'), join(at, 'labels.jsonl')]);
  expect(code).toBe(2);
  expect(stderr).toContain('its lines are labels of single values; export the reviewed records as gold');
});

test('of an unfinished run it is said how many records are to come, whose gold is left out; and no limit is reached', async () => {
  const at = directory({
    'results.jsonl': results,
    'rejects.jsonl': '{"id":"d","index":3,"error":{"code":"invalid_json","message":"m"},"attempts":1}\n',
    'gold.csv': `${gold}e,Company e,4\nf,Company f,5\n`,
    'usage.json': JSON.stringify({ records: { read: 4, extracted: 3, rejected: 1, remaining: 120 } }),
  });
  const manifest = (status: string): void =>
    writeFileSync(
      join(at, 'run.json'),
      JSON.stringify({ version: 1, status, identity: {}, settings: {}, sessions: [{ startedAt: 'x', endedAt: 'y' }] }),
    );
  const evaluate = (...flags: string[]) => run(['eval', at, join(at, 'gold.csv'), ...flags]);
  manifest('stopped');
  const { code, stdout } = await evaluate();
  expect(code).toBe(0);
  expect(stdout).toContain(
    'The run is unfinished (stopped): 120 records are still to come; the figures are of the records that have ended and leave out 2 gold records of those to come',
  );
  expect(stdout).toContain('1 of them without a result, their values count as missing: d');
  const unfinished = { status: 'stopped', remaining: 120, gold: 2 };
  expect(JSON.parse((await evaluate('--json')).stdout)).toMatchObject({ records: 3, missing: 1, unfinished });
  const limited = await evaluate('--fail-under', 'company=0.1');
  expect([limited.code, limited.stderr]).toEqual([1, expect.stringContaining('The run is unfinished (stopped)')]);
  manifest('running');
  expect((await evaluate()).stdout).toContain('unfinished (it is at work, or was killed): records are still to come');
  manifest('finished');
  const finished = JSON.parse((await evaluate('--json')).stdout) as object;
  expect(finished).toMatchObject({ records: 5, missing: 3 });
  expect(finished).not.toHaveProperty('unfinished');
});

test('advice for gold that cannot be read names no flag that eval lacks', async () => {
  const at = directory({ 'results.jsonl': results, 'gold.txt': gold, 'lines.csv': '{"id": "a", "total": 1}\n' });
  const cp1252 = join(at, 'cp1252.csv');
  writeFileSync(cp1252, Buffer.from('id,company\na,Caf\xe9\n', 'latin1'));
  const utf16 = join(at, 'utf16.csv');
  writeFileSync(utf16, Buffer.from(`\ufeff${gold}`, 'utf16le'));
  const told = async (path: string): Promise<string> => {
    const { code, stderr } = await run(['eval', join(at, 'results.jsonl'), path]);
    expect(code).toBe(2);
    expect(stderr).not.toMatch(/--[a-z]/);
    return stderr;
  };
  expect(await told(cp1252)).toContain('convert it to UTF-8');
  expect(await told(utf16)).toContain('UTF-8');
  expect(await told(join(at, 'gold.txt'))).toContain('name it so that it ends in .csv, .tsv, .jsonl');
  expect(await told(join(at, 'lines.csv'))).toContain('name it so that it ends in .jsonl');
});

test('gold that holds ids only, and limits of what is no field, are told as what they are', async () => {
  const at = directory({ 'results.jsonl': results, 'gold.csv': gold, 'ids.csv': 'id\na\nb\n' });
  const ids = await run(['eval', join(at, 'results.jsonl'), join(at, 'ids.csv')]);
  expect([ids.code, ids.stderr]).toEqual([2, expect.stringContaining('its records hold nothing but their ids')]);
  const limits = ['--fail-under', 'exact=0.9,anls=0.99,all=0.99'];
  const { stderr } = await run(['eval', join(at, 'results.jsonl'), join(at, 'gold.csv'), ...limits]);
  expect(stderr).toMatch(/^exact: share of whole records 0\.3333 is below 0\.9\nanls: ANLS\* .*\nall: F1 0/);
});

test('ids that stand twice, in gold or results, are no ground for figures', async () => {
  const at = directory({
    'results.jsonl': results,
    'twice.jsonl': results + results,
    'gold.csv': gold,
    'doubled.csv': `${gold}a,again,1\n`,
  });
  const doubledGold = await run(['eval', join(at, 'results.jsonl'), join(at, 'doubled.csv')]);
  expect(doubledGold.stderr).toMatch(/the id of line 5 stands on an earlier line, too/);
  const doubledResults = await run(['eval', join(at, 'twice.jsonl'), join(at, 'gold.csv')]);
  expect(doubledResults.stderr).toMatch(/two of its results have the id "a"/);
  expect([doubledGold.code, doubledResults.code]).toEqual([2, 2]);
});

const definition = `
import { defineExtraction } from 'gleaner';
import { z } from 'zod';
export default defineExtraction({
  name: 'shop',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ company: z.string(), total: z.number().nullable() }),
  instructions: 'Extract.',
  prompt: '{{text}}',
  id: 'id',
});
`;

test('a field named data and its comparator count as any other, and a comparator for no field is refused', async () => {
  const own = mkdtempSync(join(import.meta.dirname, 'eval-'));
  onTestFinished(() => rmSync(own, { recursive: true, force: true }));
  const source = definition
    .replace('total: z', 'data: z.object({ street: z.string() }), total: z')
    .replace("id: 'id'", "id: 'id', evaluate: { total: numeric({ tolerance: 1 }) }")
    .replace('{ defineExtraction }', '{ defineExtraction, numeric }');
  writeFileSync(join(own, 'shop.ts'), source);
  writeFileSync(join(own, 'typo.ts'), source.replace('evaluate: { total', 'evaluate: { totl'));
  const line = (total: number): string =>
    `${JSON.stringify({ id: 'a', company: 'A', total, data: { street: 'Quay 1' } })}\n`;
  const answer = { company: 'A', total: 5.5, data: { street: 'Quay 2' } };
  const at = directory({
    'results.jsonl': `${JSON.stringify({ id: 'a', index: 0, data: answer })}\n`,
    'gold.jsonl': line(5),
  });
  const files = [join(at, 'results.jsonl'), join(at, 'gold.jsonl')];
  for (const flags of [[], ['--definition', join(own, 'shop.ts')]]) {
    const { stdout } = await run(['eval', ...files, '--json', ...flags]);
    expect(JSON.parse(stdout)).toMatchObject({ fields: { data: { mismatch: 1 }, company: { match: 1 } } });
  }
  const refused = await run(['eval', ...files, '--definition', join(own, 'typo.ts')]);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain(
    'Cannot use evaluate of the extraction shop: "totl" is no field of its schema; did you mean "total"?',
  );
});

test('models are compared on the same gold records, and what was answered is not paid for again', async () => {
  const rows = Array.from({ length: 12 }, (_, at) => `s${at},"SHOP ${at} LTD\nTOTAL ${at}.50",Shop ${at} Ltd,${at}.50`);
  const at = directory({ 'gold.csv': `id,text,company,total\n${rows.join('\n')}\n` });
  // Below the project, so that the definition finds its packages.
  const own = mkdtempSync(join(import.meta.dirname, 'eval-'));
  onTestFinished(() => rmSync(own, { recursive: true, force: true }));
  writeFileSync(join(own, 'shop.ts'), definition);
  const models = 'google/gemini-3.5-flash-lite,google/gemini-2.5-flash';
  const common = ['eval', join(own, 'shop.ts'), join(at, 'gold.csv'), '--models', models, '--emulator', '--json'];
  const args = (sample: number): string[] =>
    common.concat('--sample', String(sample), '--out', join(at, 'runs'), '--html', join(at, 'page.html'));
  const first = await run(args(8));
  expect(first.stderr).not.toContain('error:');
  const comparison = JSON.parse(first.stdout) as { candidates: { name: string; usd: number; f1: number }[] };
  expect(comparison).toMatchObject({ records: 8, pairs: [{ onlyFirst: expect.any(Number) }] });
  expect(comparison.candidates.map(({ name }) => name)).toEqual(models.split(','));
  for (const { usd, f1 } of comparison.candidates) {
    expect(usd).toBeGreaterThan(0);
    expect(f1).toBeGreaterThan(0);
  }
  expect(readFileSync(join(at, 'page.html'), 'utf8')).toContain('<svg');

  const second = await run(args(12));
  expect(JSON.parse(second.stdout)).toMatchObject({ records: 12 });
  for (const name of readdirSync(join(at, 'runs'))) {
    const usage = JSON.parse(readFileSync(join(at, 'runs', name, 'usage.json'), 'utf8')) as { calls: { sent: number } };
    expect(usage.calls.sent).toBe(12);
  }
});

test('a column that the schema has no field for is told and not compared; --fail-under goes with one run only', async () => {
  const at = directory({ 'results.jsonl': results, 'gold.csv': 'id,company,total,text\na,Company a,0,SOME TEXT\n' });
  const own = mkdtempSync(join(import.meta.dirname, 'eval-'));
  onTestFinished(() => rmSync(own, { recursive: true, force: true }));
  writeFileSync(join(own, 'shop.ts'), definition);
  const files = [join(at, 'results.jsonl'), join(at, 'gold.csv')];
  const { stdout } = await run(['eval', ...files, '--json', '--definition', join(own, 'shop.ts')]);
  expect(JSON.parse(stdout)).toMatchObject({ exact: 1, ignoredFields: ['text'] });
  const refused = await run([
    'eval',
    join(own, 'shop.ts'),
    join(at, 'gold.csv'),
    '--models',
    'a',
    '--fail-under',
    'x=1',
  ]);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('Cannot use --fail-under with --models');
});

test('a column whose name is nearly that of a field is told, and not passed over in silence', async () => {
  const at = directory({
    'results.jsonl': results,
    'typo.csv': 'id,compny,total\na,Company a,0\n',
    'note.csv': 'id,company,remark\na,Company a,x\n',
  });
  const own = mkdtempSync(join(import.meta.dirname, 'eval-'));
  onTestFinished(() => rmSync(own, { recursive: true, force: true }));
  writeFileSync(join(own, 'shop.ts'), definition);
  const evaluate = (gold: string, ...flags: string[]) =>
    run(['eval', join(at, 'results.jsonl'), join(at, gold), ...flags]);
  const byDefinition = ['--definition', join(own, 'shop.ts')];
  for (const [flags, whose] of [
    [byDefinition, 'The schema has'],
    [[], 'The results have'],
  ] as const) {
    const warning = `${whose} no field "compny", and the gold no "company", which is not compared; if that is meant, rename the column`;
    const told = await evaluate('typo.csv', ...flags);
    expect(told.code).toBe(0);
    expect(told.stdout).toContain(`warning: ${warning}`);
    expect(JSON.parse((await evaluate('typo.csv', ...flags, '--json')).stdout)).toMatchObject({ warnings: [warning] });
    const named = await evaluate('typo.csv', ...flags, '--fields', 'total');
    const other = await evaluate('note.csv', ...flags);
    for (const { code, stdout } of [named, other]) expect([code, stdout.includes('warning')]).toEqual([0, false]);
  }
});

test('where values have evidence, how sure they are stands beside the results; without it nothing is written', async () => {
  const rows = Array.from({ length: 60 }, (_, index) => ({
    id: `r${index}`,
    index,
    data: { total: index },
    attempts: 1,
  }));
  const lines = (entries: readonly object[]): string => entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  const goldRows = rows.map(({ id, index }) => `${id},${index % 3 === 0 ? index + 0.5 : index}`);
  const at = directory({ 'results.jsonl': lines(rows), 'gold.csv': `id,total\n${goldRows.join('\n')}\n` });
  expect((await run(['eval', at, join(at, 'gold.csv')])).stdout).not.toContain('Confidence');
  expect(existsSync(join(at, 'calibration.json'))).toBe(false);

  const evidence = rows.map(({ id, index }) => {
    const match = index % 3 === 0 ? 'none' : 'exact';
    return { id, evidence: [{ path: '/total', start: null, end: null, match, occurrences: 0 }] };
  });
  writeFileSync(join(at, 'evidence.jsonl'), lines(evidence));
  const { stdout, stderr } = await run(['eval', at, join(at, 'gold.csv')]);
  expect(stdout).toContain('over 60 answered values, 40 of them right: AUROC 1.000');
  expect(stdout).toContain('The least sure 20 % of the values hold 60 % of the wrong ones');
  expect(stderr).toContain('How sure values are stands in');
  expect(JSON.parse(readFileSync(join(at, 'calibration.json'), 'utf8'))).toMatchObject({ version: 1, values: 60 });
});

test.each([
  ['a gold record without an id', 'id,total\n,1\n', [], 'the record on line 2 has no "id" that names it'],
  ['no fields', gold, ['--fields', ' , '], 'Cannot compare no fields: name some of company, total'],
  [
    'what must be reached, before anything is read',
    'nothing',
    ['--fail-under', 'total=2'],
    'give a field and a number',
  ],
])('%s is refused', async (_, given, flags, message) => {
  const at = directory({ 'results.jsonl': results, 'gold.csv': given });
  const { code, stderr } = await run(['eval', join(at, 'results.jsonl'), join(at, 'gold.csv'), ...flags]);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

test('a file that holds no results is told from a run directory that was damaged', async () => {
  const at = directory({ 'gold.csv': gold, 'results.jsonl': 'torn\n' });
  const { code, stderr } = await run(['eval', join(at, 'gold.csv'), join(at, 'gold.csv')]);
  expect(code).toBe(2);
  expect(stderr).toContain('not all of its lines are JSON objects; name a run directory or its results.jsonl');
  const damaged = await run(['eval', at, join(at, 'gold.csv')]);
  expect(damaged.code).toBe(3);
  expect(damaged.stderr).toContain('line 1 is no JSON object; restore the file');
});

test('gold of other ids, and a column that no result has, are told beside the figures', async () => {
  const at = directory({
    'results.jsonl': results,
    'other.csv': 'id,total\nx,1\ny,2\n',
    'named.csv': 'id,firma,total\na,Company a,0\n',
  });
  const other = await run(['eval', join(at, 'results.jsonl'), join(at, 'other.csv')]);
  expect(other.stdout).toContain(
    "No gold record has the id of a result: the gold's are x, y, those of the results a, b, c; say which column",
  );
  expect(other.stdout).not.toContain('No result has a value');
  const named = await run(['eval', join(at, 'results.jsonl'), join(at, 'named.csv')]);
  expect(named.stdout).toContain('No result has a value for firma; where the schema calls it otherwise');
});

test.each([
  ['--sample', '5'],
  ['--out', 'runs/eval'],
  ['--input', 'receipts.csv'],
])('%s means something with --models only, and is refused without', async (flag, value) => {
  const at = directory({ 'results.jsonl': results, 'gold.csv': gold });
  const { code, stderr } = await run(['eval', join(at, 'results.jsonl'), join(at, 'gold.csv'), flag, value]);
  expect(code).toBe(2);
  expect(stderr).toContain(`Cannot use ${flag} without --models: it is for the runs that compare models`);
});

test.each<[string[], string]>([
  [['--export', 'gold', '--html', 'q.html'], 'Cannot use --export with --html: a review does one of them'],
  [['--export', 'gold', '--import', 'labels.json'], 'Cannot use --import with --export: a review does one of them'],
  [['--output', 'gold.jsonl'], 'Cannot use --output here: it is the file of --export'],
  [['--html', 'q.html', '--output', 'x'], 'Cannot use --output here: it is the file of --export'],
  [['--take', '5'], 'Cannot use --take here: it says how many records a sample has'],
  [['--export', 'gold', '--take', '5'], 'Cannot use --take here: it says how many records a sample has'],
  [['--html', 'q.html', '--port', '4000'], 'Cannot use --port here: with --html no page is served'],
])('review refuses %j, which would do something else without a word', async (flags, message) => {
  const { code, stderr } = await run(['review', 'runs/none', ...flags]);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});
