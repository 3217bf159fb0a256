// The same work with instructor and p-limit.
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import Instructor from '@instructor-ai/instructor';
import OpenAI from 'openai';
import pLimit from 'p-limit';
import { instructions, model, schema } from '../invoice.mjs';
import { readRecords } from './read-records.mjs';

const [input, origin, concurrency, out] = process.argv.slice(2);
const client = Instructor({
  client: new OpenAI({ apiKey: 'none', baseURL: origin, maxRetries: 2 }),
  mode: 'JSON_SCHEMA',
});
const limit = pLimit(Number(concurrency));
const results = createWriteStream(out);

async function extract({ id, text }) {
  const data = await client.chat.completions.create({
    model,
    messages: [
      { role: 'system', content: instructions },
      { role: 'user', content: text },
    ],
    temperature: 0,
    max_tokens: 1024,
    response_model: { schema, name: 'invoice' },
  });
  const { _meta: meta, ...fields } = data;
  results.write(`${JSON.stringify({ id, data: fields, tokens: meta?.usage?.total_tokens })}\n`);
}

const work = new Set();
for await (const record of readRecords(input)) {
  const one = limit(() => extract(record)).finally(() => work.delete(one));
  work.add(one);
  if (work.size >= 2 * Number(concurrency)) await Promise.race(work);
}
await Promise.all(work);
results.end();
await finished(results);
process.exit();
