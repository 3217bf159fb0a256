import { listed, omit, oneOf, pick, positive, share, wholeNumber, type Flag } from './flag.ts';

/** The longest that a timer takes. */
const MAX_MS = 2 ** 31 - 1;
const MAX_PORT = 65_535;
/** Each call in flight has a connection of its own, and there are no more ports than that. */
const MAX_CONCURRENCY = 65_535;

/** Where calls go and with what credentials. */
export const serviceFlags = [
  {
    name: 'model',
    argument: '<name>',
    description: 'model, such as google/gemini-3.5-flash-lite',
    defaultText: "the definition's",
  },
  { name: 'project', argument: '<id>', description: 'Google Cloud project', defaultText: '$GOOGLE_CLOUD_PROJECT' },
  {
    name: 'location',
    argument: '<name>',
    description: 'region, or global, us, eu',
    defaultText: '$GOOGLE_CLOUD_LOCATION',
  },
  { name: 'endpoint', argument: '<id>', description: 'self-deployed endpoint instead of a model' },
  {
    name: 'api-version',
    argument: '<v>',
    description: 'v1 or v1beta1',
    defaultText: 'v1',
    parse: oneOf('v1', 'v1beta1'),
  },
  { name: 'base-url', argument: '<url>', description: 'everything before /chat/completions, instead of the above' },
  { name: 'allow-http', description: 'let --base-url be http: on another host, inside a network that you trust' },
  {
    name: 'auth',
    argument: '<how>',
    description: 'adc, none, or env:NAME for a token in a variable',
    defaultText: "adc for Google's hosts, else none",
  },
  {
    name: 'timeout-ms',
    argument: '<n>',
    description: 'time for one call',
    defaultText: '120000',
    parse: wholeNumber(1, MAX_MS),
  },
  {
    name: 'request-type',
    argument: '<type>',
    description: 'consumption option: dedicated, shared, priority or flex',
    defaultText: 'what the project has',
    parse: oneOf('dedicated', 'shared', 'priority', 'flex'),
  },
] as const satisfies readonly Flag[];

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

/** What a run shares with other runs. */
export const poolFlags = [
  {
    name: 'pool',
    argument: '<url>',
    description:
      'share --rpm, --tpm, pauses and a budget with all runs of a pool on Redis: redis://[user@]host:port/0, rediss:// for TLS; the password is $GLEANER_POOL_PASSWORD',
  },
  {
    name: 'pool-prefix',
    argument: '<name>',
    description: 'tells pools on one server apart',
    defaultText: 'gleaner',
  },
  {
    name: 'pool-max-cost',
    argument: '<usd>',
    description: 'most US dollars of all runs of the pool together',
    parse: positive,
  },
  {
    name: 'pool-max-total-tokens',
    argument: '<n>',
    description: 'most tokens of all runs of the pool together',
    parse: wholeNumber(1),
  },
  {
    name: 'pool-wait-ms',
    argument: '<n>',
    description: 'how long a pool that does not answer is waited for',
    defaultText: '60000',
    parse: wholeNumber(0, MAX_MS),
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
    argument: '<gs://...>',
    description: 'ask by Vertex AI batch jobs, at half price; their files go below this place',
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
    name: 'batch-schema',
    argument: '<field>',
    description: 'with --batch: the field that carries the schema',
    defaultText: 'responseSchema',
    parse: oneOf('responseSchema', 'responseJsonSchema'),
  },
  { name: 'accept-changes', description: 'continue with a changed input or definition, asking only for what changed' },
  ...conductedRunFlags,
] as const satisfies readonly Flag[];

/** Whose queue it is; the pool is the one that runs share. */
const queueFlags = pick(poolFlags, ['pool', 'pool-prefix', 'pool-wait-ms']).map((flag) =>
  flag.name === 'pool'
    ? {
        ...flag,
        description:
          'Redis or Valkey that has the queue and the pool: redis://[user@]host:port/0, rediss:// for TLS; the password is $GLEANER_POOL_PASSWORD',
      }
    : flag,
);

/** What a submitted run is worked on with; its workers may say otherwise for themselves. */
export const fleetFlags = [
  ...omit(conductFlags, ['cache', 'json-logs', 'debug', 'auth', 'prices']),
  ...pick(poolFlags, ['pool-max-cost', 'pool-max-total-tokens']),
] as const satisfies readonly Flag[];

export const submitFlags = [
  {
    name: 'out',
    argument: '<dir>',
    description: 'run directory that the parts become; they stand in <dir>.fleet until then',
  },
  ...queueFlags,
  ...pick(runFlags, ['format', 'delimiter', 'encoding', 'fill-short-rows', 'media-root', 'id-field']),
  {
    name: 'chunk-rows',
    argument: '<n>',
    description: 'most records of a chunk, from 200 to 2000 in general',
    defaultText: "500, or the plan's",
    parse: wholeNumber(1),
  },
  { name: 'wait', description: 'wait until the run is merged, and exit as it ended' },
  { name: 'json', description: 'one JSON object on stdout' },
  ...fleetFlags,
  ...pick(conductFlags, ['auth', 'debug']),
] as const satisfies readonly Flag[];

export const workFlags = [
  ...queueFlags,
  { name: 'until-empty', description: 'end when nothing is left to do, and exit as the runs ended' },
  { name: 'name', argument: '<name>', description: 'what this worker is called', defaultText: 'host and process' },
  {
    name: 'lock-ms',
    argument: '<n>',
    description: 'how long a chunk is kept for a worker that is not heard of',
    defaultText: '15000',
    parse: wholeNumber(500, MAX_MS),
  },
  { name: 'emulator', description: 'start an embedded emulator and use it; no account, no cost' },
  ...omit(serviceFlags, ['model', 'endpoint', 'request-type']),
  ...pick(conductFlags, ['concurrency', 'prices', 'json-logs', 'debug']),
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

export const schemaShowFlags = [
  { name: 'provider', description: 'only the schema that the service is sent' },
  { name: 'debug', description: 'stack traces with errors' },
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

export const exportFlags = [
  {
    name: 'format',
    argument: '<name>',
    description: 'csv, jsonl, json, xlsx, parquet or sqlite',
    defaultText: "what the file's name says, else csv",
    parse: oneOf('csv', 'jsonl', 'json', 'xlsx', 'parquet', 'sqlite'),
  },
  {
    name: 'output',
    argument: '<file>',
    description: 'file to write, or gs://bucket/name',
    defaultText: 'standard output',
  },
  { name: 'columns', argument: '<names>', description: 'columns to write, in this order, separated by commas' },
  {
    name: 'with-input',
    argument: '[columns]',
    description: 'columns of the input beside the results: all, or these, separated by commas',
  },
  { name: 'input', argument: '<file>', description: 'with --with-input: the input, where it has moved since' },
  {
    name: 'rows',
    argument: '<list>',
    description: 'one row for each member of this list, such as items, with the rest of the record beside it',
  },
  { name: 'include-rejects', description: 'rejected records, too, as rows without data, and why in error.code' },
  { name: 'rejects', description: 'the rejects instead of the results' },
  { name: 'bom', description: 'CSV: begin with a byte order mark, so that Excel takes it for UTF-8' },
  { name: 'raw', description: 'CSV: leave text that begins like a formula without the apostrophe that disarms it' },
  { name: 'debug', description: 'stack traces with errors' },
  {
    name: 'auth',
    argument: '<how>',
    description: 'with gs://: adc, or env:NAME for a token in a variable',
    defaultText: 'adc',
  },
  { name: 'base-url', argument: '<url>', description: "with gs://: the emulator's, in the place of Google's hosts" },
] as const satisfies readonly Flag[];

export const reportFlags = [
  { name: 'json', description: 'usage.json as it is; of a run at work, what is settled so far' },
  {
    name: 'html',
    argument: '[file]',
    description: 'write the page again, of a run at work as it stands: report.html of the run, or another file',
  },
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const mergeFlags = [
  { name: 'out', argument: '<dir>', description: 'run directory to make of the shards' },
  ...pick(conductFlags, ['prices', 'min-records']),
  {
    name: 'max-reject-rate',
    argument: '<0..1>',
    description: 'share of rejects above which the exit code is 1',
    defaultText: "the shards', where they agree",
    parse: share,
  },
  { name: 'json', description: 'usage.json of the merged run on stdout' },
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const statusFlags = [
  {
    name: 'pool',
    argument: '<url>',
    description: 'look at a pool that runs share, instead of a run: redis://[user@]host:port/0',
  },
  ...pick(poolFlags, ['pool-prefix', 'pool-wait-ms']),
  { name: 'follow', description: 'go on every two seconds until no session is at work' },
  { name: 'json', description: 'one JSON object a reading' },
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const inspectFlags = [
  { name: 'input', argument: '<file>', description: 'the input of the run, where it has moved since' },
  { name: 'json', description: 'all of it as one JSON object' },
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const modelsFlags = [
  { name: 'json', description: 'all that is known as JSON, with every period of prices and its source' },
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const previewFlags = [
  { name: 'id', argument: '<id>', description: 'the record with this id', defaultText: 'the first record' },
  { name: 'line', argument: '<n>', description: 'the record that begins on this line', parse: wholeNumber(1) },
  { name: 'sample', argument: '<n>', description: 'so many at random, the same ones each time', parse: wholeNumber(1) },
  {
    name: 'wire',
    description: 'the requests byte for byte, with their headers but for credentials, as the client would send them',
  },
  { name: 'send', description: 'send these records, and print what comes of them, and where it stands in the record' },
  {
    name: 'cache',
    argument: '<file>',
    description: 'with --send: keep the answers, so that a run with it does not pay again',
  },
  { name: 'json', description: 'one JSON object a record, with the body of its request' },
  { name: 'emulator', description: 'start the embedded emulator and use it; no account, no cost' },
  ...pick(runFlags, ['format', 'delimiter', 'encoding', 'fill-short-rows', 'media-root', 'id-field', 'prices']),
  ...serviceFlags,
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const estimateFlags = [
  {
    name: 'model',
    argument: '<name>',
    description: 'model; several times, or with commas, to estimate each of them',
    defaultText: "the definition's",
    parse: listed,
  },
  {
    name: 'sample',
    argument: '<n>',
    description: 'send so many records at random, the same ones each time, and reckon with what they take',
    parse: wholeNumber(1),
  },
  {
    name: 'cache',
    argument: '<file>',
    description:
      'answers shared between runs: what is carried over is not counted, and answers of the sample are kept there',
    defaultText: 'none; gleaner-answers.db with --sample',
  },
  {
    name: 'compare-with',
    argument: '<dir>',
    description: 'a run of another night, to tell changed records from new ones',
  },
  { name: 'json', description: 'one JSON object a model' },
  { name: 'emulator', description: 'start the embedded emulator and use it; no account, no cost' },
  ...pick(runFlags, [
    'format',
    'delimiter',
    'encoding',
    'fill-short-rows',
    'media-root',
    'id-field',
    'limit',
    'prices',
  ]),
  ...pick(conductFlags, ['concurrency', 'rpm', 'tpm', 'max-attempts', 'max-reasks', 'max-cost']),
  ...omit(serviceFlags, ['model']),
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const initFlags = [
  {
    name: 'name',
    argument: '<name>',
    description: 'name of the definition, which becomes schemas/<name>.ts',
    defaultText: "the file's",
  },
  {
    name: 'fields',
    argument: '<list>',
    description: 'what to extract: "company, total: number?, date: date, items[]: {name, price: number}"',
    defaultText: 'guessed from the data',
  },
  { name: 'from', argument: '<file>', description: 'JSON Schema to take the fields from instead' },
  { name: 'text', argument: '<columns>', description: 'columns that the model reads', defaultText: 'guessed' },
  { name: 'id-field', argument: '<column>', description: 'column that holds the ids', defaultText: 'guessed' },
  { name: 'model', argument: '<name>', description: 'model to ask', defaultText: 'google/gemini-3.5-flash-lite' },
  { name: 'yes', description: 'ask nothing in a terminal either: take what is guessed' },
  ...pick(runFlags, ['format', 'delimiter', 'encoding', 'fill-short-rows']),
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const doctorFlags = [
  { name: 'send', description: 'make one small call to the model as well, for a fraction of a cent' },
  { name: 'emulator', description: 'look at the embedded emulator instead of the service' },
  {
    name: 'batch',
    argument: '<gs://...>',
    description:
      'look at what runs by batch jobs need below this place; with --send a job of one line is made and cancelled',
  },
  ...serviceFlags,
  { name: 'json', description: 'the checks as one JSON object' },
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

/** None of its own: what it prints is made from the commands. */
export const completionFlags = [
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const profileFlag = {
  name: 'profile',
  argument: '<name>',
  description: 'profile of the project file, such as nightly',
} as const satisfies Flag;

export const configFlags = [
  profileFlag,
  { name: 'json', description: 'the settings as JSON, with the profiles there are' },
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const compareFlags = [
  {
    name: 'fail-on',
    argument: '<list>',
    description: 'differences that exit with 1: any, or of fields, rejects, cost, latency, model, records; cost=1.5',
  },
  { name: 'html', argument: '<file>', description: 'write a page with every test' },
  { name: 'json', description: 'the comparison as JSON' },
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const evalFlags = [
  { name: 'by', argument: '<column>', description: "the gold's column with the ids of records", defaultText: 'id' },
  {
    name: 'fields',
    argument: '<names>',
    description: 'fields to compare, with commas',
    defaultText: 'all of the gold',
  },
  {
    name: 'definition',
    argument: '<file>',
    description: 'whose schema says how values are compared',
    defaultText: "the run's",
  },
  {
    name: 'fail-under',
    argument: '<list>',
    description: 'F1 that fields must reach, or exit 1: total=0.95,all=0.9; exact for whole records',
  },
  { name: 'html', argument: '<file>', description: 'write a page with the worst records side by side' },
  { name: 'json', description: 'the figures as JSON' },
  {
    name: 'models',
    argument: '<list>',
    description:
      'run the definition on a sample of the gold with each of these models, or definition files, and compare',
  },
  {
    name: 'input',
    argument: '<file>',
    description: 'with --models: the input records',
    defaultText: 'the gold itself',
  },
  {
    name: 'sample',
    argument: '<n>',
    description: 'with --models: most gold records to run',
    defaultText: '100',
    parse: wholeNumber(1),
  },
  {
    name: 'out',
    argument: '<dir>',
    description: 'with --models: directory of the run directories, one a model',
    defaultText: 'runs/eval-<name>',
  },
  {
    name: 'media-root',
    argument: '<dir>',
    description: 'with --models: directory below which files lie that records name',
    defaultText: "the input's",
  },
  // Every candidate names its own model, and how a run ends is not what is asked: these read as not given.
  ...(omit(conductFlags, ['model', 'min-records', 'max-reject-rate']) as readonly (typeof conductFlags)[number][]),
] as const satisfies readonly Flag[];

export const evidenceFlags = [
  { name: 'definition', argument: '<file>', description: 'definition to use', defaultText: "the run's" },
  { name: 'json', description: 'the rates as JSON' },
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const reviewFlags = [
  {
    name: 'port',
    argument: '<n>',
    description: 'port of the page on this machine; 0 picks a free one',
    defaultText: '0',
    parse: wholeNumber(0, MAX_PORT),
  },
  { name: 'no-open', description: 'print the address only, and open no browser' },
  { name: 'input', argument: '<file>', description: 'the input of the run, where it has moved since' },
  { name: 'definition', argument: '<file>', description: 'definition to use', defaultText: "the run's" },
  { name: 'by', argument: '<name>', description: 'who reviews, for the labels', defaultText: "the system's user" },
  { name: 'html', argument: '<file>', description: 'write a page with a sample instead, for mail' },
  {
    name: 'export',
    argument: '<format>',
    description: 'write instead: gold (all that was accepted, for gleaner eval), or label-studio (a sample, as tasks)',
    parse: oneOf('gold', 'label-studio'),
  },
  { name: 'import', argument: '<file>', description: "take over labels from Label Studio's JSON export instead" },
  { name: 'output', argument: '<file>', description: 'file for --export', defaultText: 'standard output' },
  { name: 'take', argument: '<n>', description: 'records in a sample', defaultText: '50', parse: wholeNumber(1) },
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const applyLabelsFlags = [
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const cacheRebuildFlags = [
  { name: 'cache', argument: '<file>', description: 'cache to fill; made when it is not there' },
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const cacheInfoFlags = [
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const snapshotsFlag = {
  name: 'snapshots',
  argument: '<dir>',
  description: 'folder of the snapshots',
  defaultText: 'schemas/snapshots',
} as const satisfies Flag;

const modeFlag = {
  name: 'mode',
  argument: '<name>',
  description:
    'what must hold: backward (stored results stay valid), forward (old readers accept new results), full, none',
  defaultText: "the definition's compatibility, else backward",
  parse: oneOf('backward', 'forward', 'full', 'none'),
} as const satisfies Flag;

export const readerFlag = {
  name: 'reader',
  argument: '<name>',
  description: 'who reads results: a validator of JSON Schema, or zod, which fills in defaults and drops unknown keys',
  defaultText: 'validator',
  parse: oneOf('validator', 'zod'),
} as const satisfies Flag;

export const budgetFlag = {
  name: 'budget',
  argument: '<steps>',
  description: 'most steps, of about a microsecond, for comparing two schemas; then what is undecided stays unknown',
  defaultText: '2000000',
  parse: wholeNumber(1),
} as const satisfies Flag;

export const reportFormatFlag = {
  name: 'format',
  argument: '<name>',
  description: 'text (on stderr); json, github, sarif, junit or markdown (on stdout)',
  defaultText: 'text',
  parse: oneOf('text', 'json', 'github', 'sarif', 'junit', 'markdown'),
} as const satisfies Flag;

const againstFlags = [
  {
    name: 'against',
    argument: '<what>',
    description: 'old schemas: snapshots, git:<ref>, git:merge-base:<ref>, a directory or a file',
    defaultText: 'snapshots',
  },
  { name: 'transitive', description: 'compare with every snapshot, not only the newest' },
] as const satisfies readonly Flag[];

export const debugFlag = { name: 'debug', description: 'stack traces with errors' } as const satisfies Flag;

/** What it takes to find definitions and what is kept of them. */
export const candidateFlags = [snapshotsFlag] as const satisfies readonly Flag[];

const unseenFlag = {
  name: 'unseen',
  argument: '<what>',
  description: 'what a refinement or transform that is new, edited or gone does, which no schema shows: note or fail',
  defaultText: 'note',
  parse: oneOf('note', 'fail'),
} as const satisfies Flag;

export const schemaLockFlags = [snapshotsFlag, debugFlag] as const satisfies readonly Flag[];

/** What it takes to compare definitions with what was before. */
export const comparingFlags = [
  ...againstFlags,
  modeFlag,
  readerFlag,
  budgetFlag,
  unseenFlag,
  snapshotsFlag,
] as const satisfies readonly Flag[];

export const schemaCheckFlags = [
  ...againstFlags,
  modeFlag,
  readerFlag,
  budgetFlag,
  reportFormatFlag,
  unseenFlag,
  { name: 'locked', description: 'fail, too, where the newest snapshot is not the definition as it stands' },
  snapshotsFlag,
  debugFlag,
] as const satisfies readonly Flag[];

export const schemaDiffFlags = [
  modeFlag,
  readerFlag,
  budgetFlag,
  reportFormatFlag,
  debugFlag,
] as const satisfies readonly Flag[];

export const schemaAcceptFlags = [
  { name: 'reason', argument: '<text>', description: 'why the break is right; it is committed with the acceptance' },
  { name: 'removed', description: 'accept that the definition of that name is gone' },
  ...againstFlags,
  modeFlag,
  readerFlag,
  unseenFlag,
  budgetFlag,
  snapshotsFlag,
  debugFlag,
] as const satisfies readonly Flag[];

export const schemaReplayFlags = [
  readerFlag,
  {
    name: 'format',
    argument: '<name>',
    description: 'text (on stderr) or json (on stdout)',
    defaultText: 'text',
    parse: oneOf('text', 'json'),
  },
  debugFlag,
] as const satisfies readonly Flag[];

export const emulateFlags = [
  {
    name: 'port',
    argument: '<n>',
    description: 'port to listen on; 0 picks a free one',
    defaultText: '8085',
    parse: wholeNumber(0, MAX_PORT),
  },
  { name: 'host', argument: '<address>', description: 'address to listen on', defaultText: '127.0.0.1' },
  {
    name: 'allow-host',
    argument: '<names>',
    description: 'names by which it may be called besides its address, separated by commas',
    defaultText: 'localhost',
  },
  { name: 'seed', argument: '<n>', description: 'seed of answers and faults', defaultText: '1', parse: wholeNumber(0) },
  {
    name: 'latency-ms',
    argument: '<n>',
    description: 'time before each answer',
    defaultText: '0',
    parse: wholeNumber(0, MAX_MS),
  },
  { name: 'any-model', description: 'answer to model names that nothing is known of, instead of 404' },
  { name: 'rpm', argument: '<n>', description: 'requests a minute before 429', parse: wholeNumber(1) },
  { name: 'tpm', argument: '<n>', description: 'tokens a minute before 429', parse: wholeNumber(1) },
  {
    name: 'fault-rate',
    argument: '<0..1>',
    description: 'share of requests that get a fault',
    defaultText: '0',
    parse: share,
  },
  {
    name: 'faults',
    argument: '<kinds>',
    description: 'kinds of faults, separated by commas',
    defaultText: 'a realistic mix',
  },
  {
    name: 'scenario',
    argument: '<file>',
    description: 'JSON file with options and a script of faults and answers; flags go before it',
  },
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

/** Every command's flags; the tables of docs/cli.md are made from it. */
export const flagsByCommand: Readonly<Record<string, readonly Flag[]>> = {
  init: initFlags,
  run: runFlags,
  retry: retryFlags,
  export: exportFlags,
  submit: submitFlags,
  work: workFlags,
  merge: mergeFlags,
  status: statusFlags,
  report: reportFlags,
  evidence: evidenceFlags,
  review: reviewFlags,
  'apply-labels': applyLabelsFlags,
  inspect: inspectFlags,
  models: modelsFlags,
  preview: previewFlags,
  estimate: estimateFlags,
  compare: compareFlags,
  eval: evalFlags,
  call: callFlags,
  'cache rebuild': cacheRebuildFlags,
  'cache info': cacheInfoFlags,
  'schema show': schemaShowFlags,
  'schema lock': schemaLockFlags,
  'schema check': schemaCheckFlags,
  'schema diff': schemaDiffFlags,
  'schema accept': schemaAcceptFlags,
  'schema replay': schemaReplayFlags,
  emulate: emulateFlags,
  config: configFlags,
  doctor: doctorFlags,
  completion: completionFlags,
};
