// Runs by batch jobs with the built program, and kills itself at a chosen moment: after so many events of batches.jsonl, or ledger lines.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

const [dist, out, origin, events, commits, target] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(join(dist, path)).href);
const { RunDirectory } = await load('store/run-directory.js');
const { createBatchLane, createVertexClient, run } = await load('index.js');
const { defineExtraction } = await load('extraction/define-extraction.js');
const { z } = await import('zod');

/** Has the process killed right after the method was called so often; 0 is never. */
function killAfter(method, count) {
  let left = Number(count);
  const original = RunDirectory.prototype[method];
  RunDirectory.prototype[method] = function (...given) {
    const result = original.apply(this, given);
    left -= 1;
    if (left !== 0) return result;
    // Lines go out at the end of the turn: here they are with the system already.
    if (method === 'commit') this.flush();
    process.kill(process.pid, 'SIGKILL');
    return result;
  };
}

killAfter('noteBatch', events);
killAfter('commit', commits);

const receipt = defineExtraction({
  name: 'receipt',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ total: z.number(), company: z.string() }),
  instructions: 'Extract the receipt.',
  prompt: '{{text}}',
  id: 'id',
  request: { maxTokens: 500 },
});
const rows = Array.from({ length: 60 }, (_, at) => ({ id: `r${at}`, text: `Company: Shop ${at}\nTotal: ${at}.50` }));
const credentials = { headers: () => Promise.resolve({ authorization: 'Bearer any' }), refresh: () => undefined };
const lane = createBatchLane({
  target,
  project: 'emulated-project',
  location: 'global',
  credentials,
  emulator: origin,
  wait: true,
  limits: { lines: 25 },
  timings: { firstPollMs: 10, longestPollMs: 50, listingLagMs: 0, cancelWaitMs: 2000 },
});
const baseUrl = `${origin}/v1/projects/emulated-project/locations/global/endpoints/openapi`;
const client = createVertexClient({ baseUrl, auth: { kind: 'token', token: 'any' } });
await run(receipt, { input: rows, out, client, lane, backoff: { baseMs: 1 } });
await lane.close();
await client.close();
