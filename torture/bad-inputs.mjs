import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { entries } from './json-lines.mjs';
import { recordLine } from './records.mjs';
import { startService } from './service.mjs';
import { runArguments, startSession } from './session.mjs';

/** Lines that are no record, or an odd one. */
const oddLines = [
  () => '{"id":"a","text":',
  () => '[1,2,3]',
  () => 'null',
  () => '"text"',
  () => '{"id":null,"text":"x"}',
  () => '{"id":"   ","text":"x"}',
  () => '{"id":"note-1","text":"an id that was there before"}',
  () => '{"text":"no id"}',
  () => '{"id":"no-text"}',
  () => `{"id":"../../etc/passwd-${'x'.repeat(40)}","text":"y"}`,
  () => '{"id":"__proto__","text":"x","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  () => `{"id":"deep","text":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
  () => `{"id":"${'i'.repeat(5000)}","text":"a long id"}`,
  () => '{"id":"lone","text":"\\ud800"}',
  () => '{"id":"nul\\u0000","text":"a\\u0000b"}',
  () => '{"id":1e400,"text":"x"}',
  () => '{"id":"twice","id":"thrice","text":"x"}',
  () => '<html><script>alert(1)</script></html>',
  () => '\u0000\u0000\u0000',
  () => '{"id":"=cmd|calc!A1","text":"=1+1"}',
  (random) =>
    Buffer.from(Array.from({ length: 200 }, () => random.below(256) || 1))
      .toString('latin1')
      .replace(/[\n\r]/g, ' '),
];

/** Whole files that are not what their name says, or broken somewhere. */
const oddFiles = [
  ['empty.jsonl', () => ''],
  ['blank.csv', () => '\n\n\n'],
  ['mark.csv', () => '\uFEFF'],
  ['header.csv', () => 'id,text\n'],
  ['wide.csv', () => Buffer.from('\uFEFFid,text\n1,x\n', 'utf16le')],
  ['archive.csv', () => Buffer.from('504b0304140000000800', 'hex')],
  ['paper.jsonl', () => '%PDF-1.7\n%âãÏÓ\n'],
  ['columns.csv', () => 'id,id,text\n1,2,x\n'],
  ['quote.csv', () => 'id,text\n1,"never closed\n2,x\n3,y\n'],
  ['ragged.csv', () => 'id,text\n1\n2,x,y,z\n,\n3,"a""b"c\n'],
  ['proto.csv', () => '__proto__,id,text\npolluted,1,x\n'],
  ['latin.csv', () => Buffer.from('id,text\n1,caf\u00e9\n', 'latin1')],
  ['plain.jsonl.gz', () => recordLine(1)],
  [
    'cut.jsonl.gz',
    () => gzipSync(Array.from({ length: 500 }, (_, index) => recordLine(index)).join('')).subarray(0, 900),
  ],
  ['noise.jsonl.gz', (random) => Buffer.concat([gzipSync(recordLine(1)), Buffer.from([random.below(256), 7, 7])])],
  ['noise.csv', (random) => Buffer.from(Array.from({ length: 4096 }, () => random.below(256)))],
];

/**
 * Gives the command inputs that are broken in every way known, and some drawn at random. Each must end with an exit code that is announced,
 * without a stack trace, and with every row it read in results or rejects.
 */
export async function badInputs({ directory, files, seed, random, search, deadline, say }) {
  const service = await startService({ seed, keepRequests: 0 });
  const sum = { files: 0, rows: 0, problems: [], exitCodes: {} };
  try {
    const named =
      files >= oddFiles.length ? oddFiles : Array.from({ length: Math.ceil(files / 2) }, () => random.pick(oddFiles));
    const trials = named.map(([name, make]) => [name, make(random)]);
    while (trials.length < files) trials.push([`mixed-${trials.length}.jsonl`, mixture(random)]);
    for (const [name, content] of trials) {
      if (Date.now() > deadline) break;
      const input = join(directory, name);
      const out = join(directory, 'bad');
      writeFileSync(input, content);
      const { ended } = startSession(
        runArguments(input, out, service.baseUrl, ['--max-reject-rate', '1', '--retry-delay-ms', '1']),
        { cwd: directory },
      );
      const { code, signal, printed } = await ended;
      search.text(`the output for ${name}`, printed);
      const problem = judge(out, { code, signal, printed });
      if (problem !== undefined) sum.problems.push(`${name}: ${problem}`);
      sum.files += 1;
      sum.exitCodes[code ?? signal] = (sum.exitCodes[code ?? signal] ?? 0) + 1;
      if (existsSync(out)) {
        sum.rows += rejectedRows(out);
        search.directory(out);
      }
      rmSync(out, { recursive: true, force: true });
      rmSync(input);
    }
    say(`${sum.files} files, ${sum.rows} bad rows`);
  } finally {
    await service.stop();
  }
  return sum;
}

function mixture(random) {
  const rows = Array.from({ length: 60 }, (_, index) => {
    const odd = random.next() < 0.6;
    const line = odd ? `${random.pick(oddLines)(random)}\n` : recordLine(index);
    // Some sound lines are broken somewhere, too.
    return !odd && random.below(3) === 0 ? `${line.slice(0, random.below(line.length))}\n` : line;
  });
  return rows.join('');
}

function judge(out, { code, signal, printed }) {
  if (signal !== null) return `ended by ${signal}`;
  if (![0, 1, 2].includes(code)) return `ended with ${code}: ${printed.slice(-500)}`;
  if (/unforeseen|\n\s+at /.test(printed)) return `something unforeseen: ${printed.slice(-500)}`;
  if (!existsSync(join(out, 'usage.json'))) return code === 2 ? undefined : 'no usage.json';
  const seen = new Set();
  for (const name of ['results.jsonl', 'rejects.jsonl']) {
    for (const { index } of entries(join(out, name))) {
      if (seen.has(index)) return `row ${index} stands there twice`;
      seen.add(index);
    }
  }
  const { records, status } = JSON.parse(readFileSync(join(out, 'usage.json'), 'utf8'));
  if (status === 'finished' && records.read !== seen.size) return `${records.read} rows were read, ${seen.size} ended`;
  return undefined;
}

function rejectedRows(out) {
  let count = 0;
  for (const _ of entries(join(out, 'rejects.jsonl'))) count += 1;
  return count;
}
