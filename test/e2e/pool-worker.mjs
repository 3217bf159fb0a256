// A run in a process of its own, to be killed and frozen: takes its options as JSON, and prints how it ended as one line of JSON.
import { z } from 'zod';
import { createVertexClient, defineExtraction, openPool, run } from '../../dist/index.js';

const { baseUrl, out, name, records, pool: poolOptions, options = {} } = JSON.parse(process.argv[2]);
const note = defineExtraction({
  name: 'note',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ name: z.string(), total: z.number().nullable() }),
  instructions: 'Extract the note.',
  prompt: '{{text}}',
  id: 'id',
  request: { temperature: 0, maxTokens: 256, thinking: { budget: 0 } },
});
const client = createVertexClient({ baseUrl, auth: { kind: 'token', token: 'any' } });
const pool = await openPool(poolOptions);
const notices = [];
const summary = await run(note, {
  input: Array.from({ length: records }, (_, index) => ({
    id: `${name}-${index}`,
    text: `Note <${name} ${index}>\nName: Person ${index}\nTotal: ${index}.50`,
  })),
  out,
  client,
  pool,
  concurrency: 8,
  onNotice: (notice) => notices.push(notice),
  ...options,
});
await pool.close();
await client.close();
process.stdout.write(
  `${JSON.stringify({ exitCode: summary.exitCode, reason: summary.reason, usage: summary, notices })}\n`,
);
