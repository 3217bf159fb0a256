import { batchFaultKinds } from '../dist/emulator/index.js';

/** Events of batches.jsonl in the order in which a run meets them. */
export const EVENTS = [
  'deadline',
  'begun',
  'planned',
  'uploaded',
  'creating',
  'created',
  'abandoned',
  'doubled',
  'cancelling',
  'left',
  'ended',
  'collected',
];

const ALWAYS = ['begun', 'planned', 'uploaded', 'creating', 'created', 'ended', 'collected'];

/** What needs more than a job that goes wrong once. */
const BY_KIND = {
  'stuck-pending': { lane: { onlineAfter: '4s' }, events: ['deadline', 'cancelling'] },
  'key-dropped': { share: 0.5 },
  'degenerate-json-schema': { lane: { schemaField: 'responseJsonSchema', reasks: true } },
  'doubled-create': { events: ['doubled'] },
  // Every job: what three of them have not answered is asked online.
  'missing-line': { jobs: undefined },
};

/** Different pictures among the records, where there are some. */
const PICTURES = 150;

/** One run for every way in which a job goes wrong, and some for what a run does of itself. */
export const scenarios = [
  ...batchFaultKinds.map((kind) => {
    const { lane = {}, events = [], share, ...rest } = BY_KIND[kind] ?? {};
    const jobs = 'jobs' in rest ? rest.jobs : [1];
    const fault = { kind, ...(jobs === undefined ? {} : { jobs }), ...(share === undefined ? {} : { share }) };
    return { name: kind, batch: { faults: [fault], breakEvery: 7 }, lane, events: [...ALWAYS, ...events] };
  }),
  // The job is stopped with half of its lines done, and the rest is asked online.
  {
    name: 'deadline',
    batch: { runMs: 8000 },
    lane: { onlineAfter: '4s' },
    events: [...ALWAYS, 'deadline', 'cancelling'],
  },
  // It does not stop, and what it still brings was paid twice.
  {
    name: 'job that does not stop',
    batch: { queueMs: 0, runMs: 3_600_000, cancelMs: 3_600_000 },
    lane: { onlineAfter: '4s', timings: { cancelWaitMs: 500 } },
    events: [...ALWAYS, 'deadline', 'cancelling', 'left'],
    advanceMs: 3_600_000,
  },
  // The lines on their way out are gone when the run is continued.
  {
    name: 'lost spool',
    batch: {},
    lane: {},
    events: ['planned', 'abandoned', 'ended', 'collected'],
    first: { event: 'planned', when: 'after' },
    losesSpool: true,
  },
  // Some records hold pictures, which are put into Cloud Storage first; a second job names them again.
  {
    name: 'pictures',
    batch: { faults: [{ kind: 'missing-line', jobs: [1] }], breakEvery: 7 },
    lane: { uploadMedia: true },
    events: ALWAYS,
    pictures: PICTURES,
  },
  { name: 'probe', batch: {}, lane: { probe: true }, events: ALWAYS },
  { name: 'several jobs', batch: {}, lane: { limits: { lines: 7000 } }, events: ALWAYS },
];
