// The least a program can do: read JSON lines, post each record with undici, parse the answer. No retries, no checks, no output.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Pool } from 'undici';
import { deriveSchema } from 'gleaner';
import definition from './definition.mjs';

const [input, origin, concurrency] = process.argv.slice(2);
const { provider } = await deriveSchema(definition.schema);
const pool = new Pool(origin, { connections: Number(concurrency) });
const lines = createInterface({ input: createReadStream(input) })[Symbol.asyncIterator]();
let tokens = 0;

async function work() {
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    const { text } = JSON.parse(line.value);
    const { body } = await pool.request({
      path: '/chat/completions',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: definition.model,
        messages: [
          { role: 'system', content: definition.instructions },
          { role: 'user', content: text },
        ],
        temperature: 0,
        max_tokens: 1024,
        response_format: { type: 'json_schema', json_schema: { name: 'invoice', schema: provider } },
      }),
    });
    const completion = await body.json();
    JSON.parse(completion.choices[0].message.content);
    tokens += completion.usage.total_tokens;
  }
}

await Promise.all(Array.from({ length: Number(concurrency) }, work));
await pool.close();
if (tokens === 0) process.exitCode = 1;
