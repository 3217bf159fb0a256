// The loop of loop.mjs with duties of a run added, as plain as they can be: what they cost by themselves. `duties` is a list of names:
// - note: a line for each call with the system before it is sent, its most cost in it; one write for all of a turn of the event loop
// - ledger: a line for each call with its tokens, time and end, beside the result
// - hash: SHA-256 of a record's id and of its messages, and of the ids a set
// - losses: what JSON.parse would change without a word is looked for in each row and answer
// - tally: what each field of the results holds
// - sync: what was written reaches the disk every two seconds
import { hash } from 'node:crypto';
import { createReadStream, fdatasync, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Pool } from 'undici';
import { z } from 'zod';
import { FieldTree } from '../dist/accounting/field-tree.js';
import { findLoss } from '../dist/json/find-loss.js';
import { instructions, model, schema } from './invoice.mjs';

const [input, origin, concurrency, out, duties = ''] = process.argv.slice(2);
const has = Object.fromEntries(duties.split(',').map((name) => [name, true]));
const provider = z.toJSONSchema(schema);
const pool = new Pool(origin, { connections: Number(concurrency) });
const lines = createInterface({ input: createReadStream(input) })[Symbol.asyncIterator]();
const files = { results: log('results'), notes: log('notes'), ledger: log('ledger') };
const seen = new Set();
const fields = new FieldTree();
let flushing;
let calls = 0;
const syncing = has.sync
  ? setInterval(() => Object.values(files).forEach(({ fd }) => fdatasync(fd, () => {})), 2000)
  : undefined;

function log(name) {
  return { fd: openSync(`${out}.${name}`, 'w'), lines: [] };
}

/** One write to each file for all that a turn of the event loop brings. */
function flushed() {
  flushing ??= new Promise((resolve) => {
    setImmediate(() => {
      flushing = undefined;
      for (const file of Object.values(files)) {
        if (file.lines.length === 0) continue;
        writeSync(file.fd, `${file.lines.join('\n')}\n`);
        file.lines = [];
      }
      resolve();
    });
  });
  return flushing;
}

async function work() {
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    const row = JSON.parse(line.value);
    const { id, text } = row;
    if (has.losses && findLoss(line.value, row) !== undefined) throw new Error('A row loses something');
    const messages = [
      { role: 'system', content: instructions },
      { role: 'user', content: text },
    ];
    const body = JSON.stringify({
      model,
      messages,
      temperature: 0,
      max_tokens: 1024,
      response_format: { type: 'json_schema', json_schema: { name: 'invoice', schema: provider } },
    });
    let fingerprint;
    if (has.hash) {
      const key = hash('sha256', id, 'binary').slice(0, 16);
      if (seen.has(key)) throw new Error('An id stands twice');
      seen.add(key);
      fingerprint = hash('sha256', body);
    }
    const call = (calls += 1);
    const at = new Date().toISOString();
    const startedAt = performance.now();
    if (has.note) {
      files.notes.lines.push(
        JSON.stringify({ call, id, at, mayCost: { tokens: body.length, nanoUsd: body.length * 3 } }),
      );
      await flushed();
    }
    const answer = await pool.request({
      path: '/chat/completions',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const { choices, usage } = await answer.body.json();
    const { content } = choices[0].message;
    const value = JSON.parse(content);
    if (has.losses && findLoss(content, value) !== undefined) throw new Error('An answer loses something');
    const data = schema.parse(value);
    if (has.tally) fields.add(data);
    files.results.lines.push(JSON.stringify({ id, data, tokens: usage.total_tokens, fingerprint }));
    if (has.ledger) {
      const latencyMs = Math.round(performance.now() - startedAt);
      files.ledger.lines.push(
        JSON.stringify({ call, id, at, status: 200, outcome: 'extracted', usage, latencyMs, model }),
      );
    }
    void flushed();
  }
}

await Promise.all(Array.from({ length: Number(concurrency) }, work));
await flushing;
await pool.close();
clearInterval(syncing);
