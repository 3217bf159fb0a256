// The same work with the openai package and p-limit: as many calls at a time, its own check of the answer, a result file.
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import pLimit from 'p-limit';
import { instructions, model, schema } from '../invoice.mjs';
import { readRecords } from './read-records.mjs';

const [input, origin, concurrency, out] = process.argv.slice(2);
const client = new OpenAI({ apiKey: 'none', baseURL: origin, maxRetries: 2 });
const limit = pLimit(Number(concurrency));
const results = createWriteStream(out);
const format = zodResponseFormat(schema, 'invoice');

async function extract({ id, text }) {
  const completion = await client.chat.completions.parse({
    model,
    messages: [
      { role: 'system', content: instructions },
      { role: 'user', content: text },
    ],
    temperature: 0,
    max_tokens: 1024,
    response_format: format,
  });
  const { parsed } = completion.choices[0].message;
  results.write(`${JSON.stringify({ id, data: parsed, tokens: completion.usage.total_tokens })}\n`);
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
