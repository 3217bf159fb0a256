import { oneOf, positive, share, wholeNumber, type Flag } from '../flag.ts';
import { MAX_MS, MAX_PORT, MAX_CONCURRENCY } from './bounds.ts';
import { poolFlags } from './pool-flags.ts';
import { serviceFlags } from './service-flags.ts';

/** How calls are made, bounded, repeated and told about: for every command that works through records. */
export const conductFlags = [
  { name: 'emulator', description: 'start the embedded emulator and use it; no account, no cost' },
  ...serviceFlags,
  {
    name: 'concurrency',
    argument: '<n>',
    description: 'most calls in flight',
    defaultText: '16',
    parse: wholeNumber(1, MAX_CONCURRENCY),
  },
  { name: 'rpm', argument: '<n>', description: 'most requests a minute', parse: wholeNumber(1) },
  { name: 'tpm', argument: '<n>', description: 'most tokens a minute', parse: wholeNumber(1) },
  {
    name: 'max-attempts',
    argument: '<n>',
    description: 'failed calls after which a record is rejected',
    defaultText: '10',
    parse: wholeNumber(1),
  },
  {
    name: 'max-reasks',
    argument: '<n>',
    description: 'times an invalid answer is sent back with what is wrong with it',
    defaultText: '1',
    parse: wholeNumber(0),
  },
  {
    name: 'retry-delay-ms',
    argument: '<n>',
    description: 'bound of the first retry delay; doubles up to 60000',
    defaultText: '1000',
    parse: wholeNumber(0, MAX_MS),
  },
  {
    name: 'cache',
    argument: '<file>',
    description: 'answers shared between runs: only new and changed records are asked for',
  },
  {
    name: 'max-cost',
    argument: '<usd>',
    description: 'most US dollars to spend; the worst case of calls in flight is counted in',
    parse: positive,
  },
  {
    name: 'prices',
    argument: '<file>',
    description: 'JSON file of prices of your own, for models that have none here or another one',
  },
  {
    name: 'max-total-tokens',
    argument: '<n>',
    description: 'most tokens to use, counted likewise',
    parse: wholeNumber(1),
  },
  {
    name: 'min-records',
    argument: '<n>',
    description: 'records that the input must hold, or the exit code is 1',
    defaultText: '1',
    parse: wholeNumber(0),
  },
  {
    name: 'max-reject-rate',
    argument: '<0..1>',
    description: 'share of rejects above which the exit code is 1',
    defaultText: '0',
    parse: share,
  },
  { name: 'json-logs', description: 'one JSON object a line on stderr instead of text' },
  { name: 'debug', description: 'stack traces with errors' },
  { name: 'stream', description: 'have answers streamed, and stop paying for one that cannot become valid' },
  { name: 'log-content', description: 'write answers and thoughts into the ledger as well' },
] as const satisfies readonly Flag[];

/** Who else learns how a run goes and ends. */
const observerFlags = [
  {
    name: 'metrics-file',
    argument: '<file>',
    description: "Prometheus metrics for node_exporter's textfile collector, *.prom",
  },
  {
    name: 'metrics-port',
    argument: '<n>',
    description: 'serve Prometheus metrics at /metrics while the run goes; 0 picks a port',
    parse: wholeNumber(0, MAX_PORT),
  },
  {
    name: 'metrics-host',
    argument: '<address>',
    description: 'address that --metrics-port listens on',
    defaultText: '127.0.0.1',
  },
  { name: 'notify', argument: '<url>', description: 'POST there how the run ended' },
  {
    name: 'notify-as',
    argument: '<form>',
    description: 'json, slack (incoming webhook) or ping (healthchecks.io: /start, then /<exit code>)',
    defaultText: 'json',
    parse: oneOf('json', 'slack', 'ping'),
  },
  {
    name: 'summary',
    argument: '<form>',
    description: 'markdown: the end of the run into $GITHUB_STEP_SUMMARY, or to stdout where that is not set',
    parse: oneOf('markdown'),
  },
] as const satisfies readonly Flag[];

/** For people who look at the end only. */
const quietFlag = {
  name: 'quiet',
  short: 'q',
  description: 'say nothing but errors, and why the exit code is not 0',
} as const satisfies Flag;

/** For every command that conducts a whole run. */
export const conductedRunFlags = [
  quietFlag,
  ...conductFlags,
  ...poolFlags,
  ...observerFlags,
] as const satisfies readonly Flag[];

export const runFlags = [
  { name: 'out', argument: '<dir>', description: 'run directory, always needed; one that holds this run is continued' },
  {
    name: 'format',
    argument: '<name>',
    description: 'csv, tsv or jsonl',
    defaultText: "by the file's extension",
    parse: oneOf('csv', 'tsv', 'jsonl'),
  },
  { name: 'delimiter', argument: '<char>', description: 'column separator of a CSV file', defaultText: 'detected' },
  {
    name: 'encoding',
    argument: '<name>',
    description: 'encoding of the input, such as windows-1252 or utf-16le',
    defaultText: 'utf-8',
  },
  {
    name: 'fill-short-rows',
    description: 'take CSV rows whose last cells are left off, and pass over rows of empty cells',
  },
  {
    name: 'media-root',
    argument: '<dir>',
    description: 'directory below which files lie that records name',
    defaultText: "the input's",
  },
  { name: 'id-field', argument: '<column>', description: 'column that holds the ids', defaultText: "the definition's" },
  { name: 'limit', argument: '<n>', description: 'take only the first n records', parse: wholeNumber(1) },
  {
    name: 'shard',
    argument: '<i/n>',
    description:
      'take only every n-th chunk of the input, from 0/n to n-1/n; auto, auto/n: as Cloud Run or Kubernetes says',
  },
  {
    name: 'plan',
    argument: '<file>',
    description: 'with --shard: plan of the input that shards share; made when it is not there',
  },
  {
    name: 'chunk-rows',
    argument: '<n>',
    description: 'with --shard: most records of a chunk',
    defaultText: "500, or the plan's",
    parse: wholeNumber(1),
  },
  { name: 'evidence', description: 'then write where each value stands in its record into evidence.jsonl; no call' },
  {
    name: 'compare-with',
    argument: '<dir>',
    description: 'then say how the run differs from another; last is the newest finished one beside it',
  },
  {
    name: 'batch',
    argument: '<place>',
    description:
      'ask by Vertex AI batch jobs, at half price; their lines go below gs://bucket/prefix, or into tables of bq://project.dataset',
  },
  {
    name: 'wait',
    description: 'with --batch: wait for the jobs, instead of ending with exit code 3 while they are open',
  },
  {
    name: 'online-after',
    argument: '<time>',
    description: 'with --batch: from then on ask the rest online; 04:00, or a duration such as 6h',
  },
  {
    name: 'no-batch-probe',
    description: 'with --batch: submit all at once, without a job of 50 lines that goes before',
  },
  {
    name: 'batch-reasks',
    description: 'with --batch: send invalid answers back by further jobs, too, instead of online',
  },
  {
    name: 'batch-media',
    description:
      'with --batch: put files that stand inside requests into Cloud Storage below that place, and name them there',
  },
  {
    name: 'batch-schema',
    argument: '<field>',
    description: 'with --batch: the field that carries the schema',
    defaultText: 'responseSchema',
    parse: oneOf('responseSchema', 'responseJsonSchema'),
  },
  { name: 'accept-changes', description: 'continue with a changed input or definition, asking only for what changed' },
  ...conductedRunFlags,
] as const satisfies readonly Flag[];

export const retryFlags = [
  {
    name: 'code',
    argument: '<codes>',
    description: 'only rejects with these codes, separated by commas',
    defaultText: 'all but bad_record and definition_error',
  },
  {
    name: 'media-root',
    argument: '<dir>',
    description: 'directory below which files lie that records name',
    defaultText: "the input's",
  },
  { name: 'definition', argument: '<file>', description: 'definition to use', defaultText: "the run's" },
  ...conductedRunFlags,
] as const satisfies readonly Flag[];

export const callFlags = [
  { name: 'request', argument: '<file>', description: 'JSON file with the whole request, or - for standard input' },
  { name: 'prompt', argument: '<text>', description: 'user message, instead of --request' },
  {
    name: 'image',
    argument: '<file>',
    description: 'picture or PDF to go with the prompt: a file, or a gs://, https: or data: URL',
  },
  { name: 'stream', description: 'show the text on stderr as it arrives' },
  { name: 'unchecked', description: 'send the request even if its model is known to refuse it' },
  { name: 'emulator', description: 'start the embedded emulator and use it; no account, no cost' },
  ...serviceFlags.map((flag) => (flag.name === 'model' ? { ...flag, defaultText: "the request's" } : flag)),
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const debugFlag = { name: 'debug', description: 'stack traces with errors' } as const satisfies Flag;
