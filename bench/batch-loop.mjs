// The least a program can do with the output of a batch job: fetch it to a file, note where the line of each key stands, then read the records, and of each
// take its line, hold the text it echoes against the record's, check the answer by zod and write it down. No accounts, no checksum, no second try.
// node bench/batch-loop.mjs parse <output>: one JSON.parse of each line, and nothing else.
import { createReadStream, createWriteStream, openSync, readSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { finished, pipeline } from 'node:stream/promises';
import { request } from 'undici';
import { schema } from './invoice.mjs';

const [input, origin, out] = process.argv.slice(2);
if (input === 'parse') {
  let keys = 0;
  for await (const { bytes } of linesOf(origin)) if (JSON.parse(bytes.toString()).key !== undefined) keys += 1;
  if (keys === 0) process.exitCode = 1;
} else await collect();

async function collect() {
  const { body } = await request(`${origin}/storage/v1/b/bucket/o/predictions.jsonl?alt=media`);
  const path = `${out}.output`;
  await pipeline(body, createWriteStream(path));
  const places = new Map();
  for await (const { bytes, start } of linesOf(path)) {
    places.set(Number(JSON.parse(bytes.toString()).key), [start, bytes.length]);
  }
  const fd = openSync(path);
  const results = createWriteStream(out);
  let row = 0;
  for await (const line of createInterface({ input: createReadStream(input) })) {
    const { id, text } = JSON.parse(line);
    const [start, length] = places.get(row);
    const bytes = Buffer.allocUnsafe(length);
    readSync(fd, bytes, 0, length, start);
    const { request: asked, response } = JSON.parse(bytes.toString());
    if (asked.contents[0].parts[0].text !== text) throw new Error(`Line of ${row} echoes another text`);
    const data = schema.parse(JSON.parse(response.candidates[0].content.parts[0].text));
    const { totalTokenCount: tokens } = response.usageMetadata;
    if (!results.write(`${JSON.stringify({ id, data, tokens })}\n`)) {
      await new Promise((resolve) => results.once('drain', resolve));
    }
    row += 1;
  }
  results.end();
  await finished(results);
}

async function* linesOf(path) {
  let position = 0;
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      yield { bytes: bytes.subarray(start, end), start: position + start };
      start = end + 1;
    }
    position += start;
    rest = bytes.subarray(start);
  }
}
