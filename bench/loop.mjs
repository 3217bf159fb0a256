// The least a program can do: read JSON lines, post each record with undici, check the answer by zod, write it to a file. No retries, no
// rates, no accounts.
import { createReadStream, createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createInterface } from 'node:readline';
import { Pool } from 'undici';
import { z } from 'zod';
import { instructions, model, schema } from './invoice.mjs';

const [input, origin, concurrency, out] = process.argv.slice(2);
const provider = z.toJSONSchema(schema);
const pool = new Pool(origin, { connections: Number(concurrency) });
const lines = createInterface({ input: createReadStream(input) })[Symbol.asyncIterator]();
const results = createWriteStream(out);
let tokens = 0;

async function work() {
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    const { id, text } = JSON.parse(line.value);
    const { body } = await pool.request({
      path: '/chat/completions',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model,
        messages: [
          { role: 'system', content: instructions },
          { role: 'user', content: text },
        ],
        temperature: 0,
        max_tokens: 1024,
        response_format: { type: 'json_schema', json_schema: { name: 'invoice', schema: provider } },
      }),
    });
    const completion = await body.json();
    const data = schema.parse(JSON.parse(completion.choices[0].message.content));
    results.write(`${JSON.stringify({ id, data, tokens: completion.usage.total_tokens })}\n`);
    tokens += completion.usage.total_tokens;
  }
}

await Promise.all(Array.from({ length: Number(concurrency) }, work));
await pool.close();
results.end();
await finished(results);
if (tokens === 0) process.exitCode = 1;
