/**
 * A program with the library: runs a definition over records that it has itself, and adds up what comes of them.
 *
 *     node monthly-totals.mjs runs/totals
 */
import { createVertexClient, defineExtraction, readReport, readResults, run } from 'gleaner';
import { startEmulator } from 'gleaner/emulator';
import { z } from 'zod';

const receipt = defineExtraction({
  name: 'receipt',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ date: z.iso.date(), total: z.number() }),
  instructions: 'Extract the receipt.',
  prompt: '{{text}}',
  id: 'id',
});

// Such as rows of a database, in any (async) iterable.
async function* receipts() {
  yield { id: 'a', text: 'Date: 2026-02-03\nTotal: 12.50' };
  yield { id: 'b', text: 'Date: 2026-02-17\nTotal: 7.25' };
  yield { id: 'c', text: 'Date: 2026-03-01\nTotal: 30.00' };
}

const out = process.argv[2] ?? 'runs/totals';
// For Vertex AI: createVertexClient({ project: 'my-project', location: 'global' }).
const emulator = await startEmulator();
const client = createVertexClient({ baseUrl: emulator.baseUrl(), auth: { kind: 'token', token: 'any' } });
try {
  await run(receipt, { input: receipts(), out, client });
} finally {
  await client.close();
  await emulator.close();
}

const totals = new Map();
for await (const { data } of readResults(receipt, out)) {
  const month = data.date.slice(0, 7);
  totals.set(month, (totals.get(month) ?? 0) + data.total);
}
for (const [month, total] of totals) console.log(`${month} ${total.toFixed(2)}`);

const { usage } = readReport(out);
console.log(`${usage.records.extracted} receipts, ${usage.calls.sent} calls`);
