// The least a program can do with the output of a batch job, step by step: node bench/batch-loop.mjs <step> <input> <origin> <out>
// Does all steps up to the one that is named. Nothing is tried twice, no line is held against another, and what a line echoes is not parsed.
import { hash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { request } from 'undici';
import { Crc32c } from '../dist/files/crc32c.js';
import { instructions, schema } from './invoice.mjs';

/** What each step adds to those before it. */
export const STEPS = {
  fetch: 'fetch the file, and keep it',
  sum: 'hold it against its checksum',
  places: "note where each key's line stands",
  records: 'read and parse the records',
  take: 'read the line of each',
  echo: 'compare the text it echoes',
  response: 'parse what stands behind it',
  check: 'parse the answer, check it with zod',
  hash: 'hash what was asked',
  write: 'write result and ledger',
};

if (process.argv[1] === import.meta.filename) await collect(...process.argv.slice(2));

async function collect(last, input, origin, out) {
  const names = Object.keys(STEPS);
  const does = Object.fromEntries(names.map((name) => [name, names.indexOf(name) <= names.indexOf(last)]));
  const path = `${out}.output`;
  await fetchTo(path, origin, does.sum ? new Crc32c() : undefined);
  const places = new Map();
  if (does.places) for (const { start, bytes } of linesOf(path)) places.set(keyOf(bytes), [start, bytes.length]);
  const fd = openSync(path, 'r');
  const [results, ledger] = ['results', 'ledger'].map((name) => linesInto(`${out}.${name}`));
  let row = 0;
  let scratch = Buffer.allocUnsafe(1 << 16);
  for await (const record of does.records ? createInterface({ input: createReadStream(input) }) : []) {
    const { id, text } = JSON.parse(record);
    if (does.take) takeLine(id, text);
    row += 1;
  }
  results.end();
  ledger.end();
  closeSync(fd);

  function takeLine(id, text) {
    const [start, length] = places.get(row);
    if (length > scratch.length) scratch = Buffer.allocUnsafe(length);
    const line = scratch.toString('utf8', 0, readSync(fd, scratch, 0, length, start));
    if (does.echo && !line.includes(`"${text}"`)) throw new Error(`The line of ${row} echoes another text`);
    if (!does.response) return;
    const { response } = JSON.parse(`{${line.slice(line.lastIndexOf('"response":'))}`);
    if (!does.check) return;
    const data = schema.parse(JSON.parse(response.candidates[0].content.parts[0].text));
    if (!does.hash) return;
    const messages = [
      { role: 'system', content: instructions },
      { role: 'user', content: text },
    ];
    const fingerprint = hash('sha256', JSON.stringify(messages));
    if (!does.write) return;
    const { promptTokenCount: prompt, candidatesTokenCount: completion } = response.usageMetadata;
    results.add({ id, index: row, data, tokens: { prompt, completion }, fingerprint });
    ledger.add({ call: row, id, index: row, status: 200, outcome: 'extracted', tokens: { prompt, completion }, row });
  }
}

async function fetchTo(path, origin, sum) {
  const { body } = await request(`${origin}/storage/v1/b/bucket/o/predictions.jsonl?alt=media`);
  const fd = openSync(path, 'w');
  for await (const chunk of body) {
    sum?.update(chunk);
    for (let written = 0; written < chunk.length;) written += writeSync(fd, chunk, written);
  }
  closeSync(fd);
}

/** In pieces, as every write of a line costs a call of the system. */
function linesInto(path) {
  const fd = openSync(path, 'w');
  let held = [];
  const flush = () => {
    if (held.length > 0) writeSync(fd, `${held.join('\n')}\n`);
    held = [];
  };
  return {
    add: (line) => {
      if (held.push(JSON.stringify(line)) === 100) flush();
    },
    end: () => {
      flush();
      closeSync(fd);
    },
  };
}

function keyOf(bytes) {
  return Number(/"key":"(\d+)"/.exec(bytes.latin1Slice(0, 160))[1]);
}

function* linesOf(path) {
  const fd = openSync(path, 'r');
  const chunk = Buffer.allocUnsafe(1 << 20);
  let kept = 0;
  for (let position = 0; ;) {
    const length = kept + readSync(fd, chunk, kept, chunk.length - kept, position + kept);
    if (length === kept) break;
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0 && end < length; end = chunk.indexOf(10, start)) {
      yield { bytes: chunk.subarray(start, end), start: position + start };
      start = end + 1;
    }
    chunk.copyWithin(0, start, length);
    kept = length - start;
    position += start;
  }
  closeSync(fd);
}
