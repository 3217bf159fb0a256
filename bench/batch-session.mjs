// One session of a run by batch jobs, for the measurement.
import { createBatchLane, run } from '../dist/index.js';
import invoice from './definition.js';

const [, , input, out, origin] = process.argv;
const lane = createBatchLane({
  target: 'gs://bucket/night',
  project: 'bench',
  location: 'global',
  credentials: { headers: () => Promise.resolve({ authorization: 'Bearer any' }), refresh: () => undefined },
  emulator: origin,
  probe: false,
});
// Nothing is asked online.
const client = {
  service: { name: 'emulator', isEmulated: true },
  complete: () => Promise.reject(new Error('Nothing should be asked online')),
};
const { status, exitCode, batch, reason } = await run(invoice, { input, out, client, lane });
await lane.close();
if (status !== 'finished' && exitCode !== 3) throw new Error(`It ended as ${status}: ${reason}`);
if (status === 'finished' && batch?.matched !== batch?.lines) throw new Error(JSON.stringify(batch));
