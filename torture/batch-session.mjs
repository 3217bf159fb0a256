// One session of a run by batch jobs, with the built program. It kills itself at a moment that it is told, just before or just after an
// event of batches.jsonl is written, or after so many lines of the ledger; otherwise its last line says how it ended.
import { Bucket } from '../dist/cloud-storage/bucket.js';
import { RunDirectory } from '../dist/store/run-directory.js';
import { createBatchLane, createVertexClient, defineExtraction, run } from '../dist/index.js';
import note from './definition.mjs';

const { input, out, origin, kill = {}, lane: wanted = {}, accept = false, pictures = 0 } = JSON.parse(process.argv[2]);

function die(directory) {
  // What was handed to the system stays; what a turn had not come to write is lost, as in any kill.
  if (kill.isFlushed) directory.flush();
  process.kill(process.pid, 'SIGKILL');
}

const { noteBatch, commit } = RunDirectory.prototype;
RunDirectory.prototype.noteBatch = function (event) {
  if (kill.event === event.event && kill.when === 'before') die(this);
  noteBatch.call(this, event);
  if (kill.event === event.event && kill.when === 'after') die(this);
};
let commits = 0;
RunDirectory.prototype.commit = function (entries) {
  commit.call(this, entries);
  commits += 1;
  if (commits === kill.commits) die(this);
};
let creates = 0;
const { create } = Bucket.prototype;
Bucket.prototype.create = async function (...parts) {
  creates += 1;
  if (creates === kill.creates) process.kill(process.pid, 'SIGKILL');
  return create.apply(this, parts);
};

/** Every tenth record has one of so many pictures in its prompt. */
const illustrated = () =>
  defineExtraction({
    ...note,
    prompt: ({ id, text }) => {
      const index = Number(id.slice(5));
      if (index % 10 !== 0) return text;
      const data = Buffer.from(`picture ${(index / 10) % pictures}`).toString('base64');
      return [
        { type: 'text', text },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } },
      ];
    },
  });

const lane = createBatchLane({
  target: 'gs://bucket/night',
  project: 'emulated-project',
  location: 'global',
  credentials: { headers: () => Promise.resolve({ authorization: 'Bearer any' }), refresh: () => undefined },
  emulator: origin,
  wait: true,
  probe: false,
  ...wanted,
  timings: { firstPollMs: 20, longestPollMs: 200, listingLagMs: 0, cancelWaitMs: 4000, ...wanted.timings },
});
const baseUrl = `${origin}/v1/projects/emulated-project/locations/global/endpoints/openapi`;
const client = createVertexClient({ baseUrl, auth: { kind: 'token', token: 'any' } });
const { status, exitCode, reason } = await run(pictures === 0 ? note : illustrated(), {
  input,
  out,
  client,
  lane,
  acceptChanges: accept,
  backoff: { baseMs: 10 },
});
await lane.close();
await client.close();
console.log(JSON.stringify({ status, exitCode, reason }));
