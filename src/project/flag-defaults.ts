// Made by npm run docs from the table of flags.

/** A command that flags can be given defaults for. */
export type CommandName =
  | 'init'
  | 'run'
  | 'retry'
  | 'export'
  | 'submit'
  | 'work'
  | 'merge'
  | 'status'
  | 'report'
  | 'evidence'
  | 'review'
  | 'apply-labels'
  | 'inspect'
  | 'models'
  | 'preview'
  | 'estimate'
  | 'compare'
  | 'eval'
  | 'call'
  | 'cache rebuild'
  | 'cache info'
  | 'schema show'
  | 'schema lock'
  | 'schema check'
  | 'schema diff'
  | 'schema accept'
  | 'schema replay'
  | 'emulate'
  | 'config'
  | 'doctor'
  | 'completion';

/** Values for flags, by their names. */
export interface FlagDefaults {
  /** Continue with a changed input or definition, asking only for what changed. */
  readonly acceptChanges?: boolean;
  /** Old schemas: snapshots, git:<ref>, git:merge-base:<ref>, a directory or a file. */
  readonly against?: string;
  /** Names by which it may be called besides its address, separated by commas. */
  readonly allowHost?: string;
  /** Let --base-url be http: on another host, inside a network that you trust. */
  readonly allowHttp?: boolean;
  /** Answer to model names that nothing is known of, instead of 404. */
  readonly anyModel?: boolean;
  /** V1 or v1beta1. */
  readonly apiVersion?: string;
  /** Adc, none, or env:NAME for a token in a variable. */
  readonly auth?: string;
  /** Everything before /chat/completions, instead of the above. */
  readonly baseUrl?: string;
  /** Ask by Vertex AI batch jobs, at half price; their lines go below gs://bucket/prefix, or into tables of bq://project.dataset. */
  readonly batch?: string;
  /** With --batch: put files that stand inside requests into Cloud Storage below that place, and name them there. */
  readonly batchMedia?: boolean;
  /** With --batch: send invalid answers back by further jobs, too, instead of online. */
  readonly batchReasks?: boolean;
  /** With --batch: the field that carries the schema. */
  readonly batchSchema?: string;
  /** CSV: begin with a byte order mark, so that Excel takes it for UTF-8. */
  readonly bom?: boolean;
  /** Most steps, of about a microsecond, for comparing two schemas; then what is undecided stays unknown. */
  readonly budget?: number;
  /** Who reviews, for the labels. */
  readonly by?: string;
  /** Answers shared between runs: only new and changed records are asked for. */
  readonly cache?: string;
  /** With --shard: most records of a chunk. */
  readonly chunkRows?: number;
  /** Only rejects with these codes, separated by commas. */
  readonly code?: string;
  /** Columns to write, in this order, separated by commas. */
  readonly columns?: string;
  /** Then say how the run differs from another; last is the newest finished one beside it. */
  readonly compareWith?: string;
  /** Most calls in flight. */
  readonly concurrency?: number;
  /** Stack traces with errors. */
  readonly debug?: boolean;
  /** Definition to use. */
  readonly definition?: string;
  /** Column separator of a CSV file. */
  readonly delimiter?: string;
  /** Start the embedded emulator and use it; no account, no cost. */
  readonly emulator?: boolean;
  /** Encoding of the input, such as windows-1252 or utf-16le. */
  readonly encoding?: string;
  /** Self-deployed endpoint instead of a model. */
  readonly endpoint?: string;
  /** Then write where each value stands in its record into evidence.jsonl; no call. */
  readonly evidence?: boolean;
  /** Write instead: gold (all that was accepted, for gleaner eval), or label-studio (a sample, as tasks). */
  readonly export?: string;
  /** Differences that exit with 1: any, or of fields, rejects, cost, latency, model, records; cost=1.5. */
  readonly failOn?: string;
  /** F1 that fields must reach, or exit 1: total=0.95,all=0.9; exact for whole records. */
  readonly failUnder?: string;
  /** Share of requests that get a fault. */
  readonly faultRate?: number;
  /** Kinds of faults, separated by commas. */
  readonly faults?: string;
  /** What to extract: "company, total: number?, date: date, items[]: {name, price: number}". */
  readonly fields?: string;
  /** Take CSV rows whose last cells are left off, and pass over rows of empty cells. */
  readonly fillShortRows?: boolean;
  /** Go on every two seconds until no session is at work. */
  readonly follow?: boolean;
  /** Csv, tsv or jsonl. */
  readonly format?: string;
  /** JSON Schema to take the fields from instead. */
  readonly from?: string;
  /** Address to listen on. */
  readonly host?: string;
  /** Write the page again, of a run at work as it stands: report.html of the run, or another file. */
  readonly html?: string;
  /** The record with this id. */
  readonly id?: string;
  /** Column that holds the ids. */
  readonly idField?: string;
  /** Picture or PDF to go with the prompt: a file, or a gs://, https: or data: URL. */
  readonly image?: string;
  /** Take over labels from Label Studio's JSON export instead. */
  readonly import?: string;
  /** Rejected records, too, as rows without data, and why in error.code. */
  readonly includeRejects?: boolean;
  /** With --with-input: the input, where it has moved since. */
  readonly input?: string;
  /** One JSON object on stdout. */
  readonly json?: boolean;
  /** One JSON object a line on stderr instead of text. */
  readonly jsonLogs?: boolean;
  /** Time before each answer. */
  readonly latencyMs?: number;
  /** Take only the first n records. */
  readonly limit?: number;
  /** The record that begins on this line. */
  readonly line?: number;
  /** Region, or global, us, eu. */
  readonly location?: string;
  /** How long a chunk is kept for a worker that is not heard of. */
  readonly lockMs?: string;
  /** Fail, too, where the newest snapshot is not the definition as it stands. */
  readonly locked?: boolean;
  /** Write answers and thoughts into the ledger as well. */
  readonly logContent?: boolean;
  /** Failed calls after which a record is rejected. */
  readonly maxAttempts?: number;
  /** Most US dollars to spend; the worst case of calls in flight is counted in. */
  readonly maxCost?: number;
  /** Times an invalid answer is sent back with what is wrong with it. */
  readonly maxReasks?: number;
  /** Share of rejects above which the exit code is 1. */
  readonly maxRejectRate?: number;
  /** Most tokens to use, counted likewise. */
  readonly maxTotalTokens?: number;
  /** Directory below which files lie that records name. */
  readonly mediaRoot?: string;
  /** Prometheus metrics for node_exporter's textfile collector, *.prom. */
  readonly metricsFile?: string;
  /** Address that --metrics-port listens on. */
  readonly metricsHost?: string;
  /** Serve Prometheus metrics at /metrics while the run goes; 0 picks a port. */
  readonly metricsPort?: number;
  /** Records that the input must hold, or the exit code is 1. */
  readonly minRecords?: number;
  /** What must hold: backward (stored results stay valid), forward (old readers accept new results), full, none. */
  readonly mode?: string;
  /** Model to ask. */
  readonly model?: string;
  /** Run the definition on a sample of the gold with each of these models, or definition files, and compare. */
  readonly models?: string;
  /** Name of the definition, which becomes schemas/<name>.ts. */
  readonly name?: string;
  /** With --batch: submit all at once, without a job of 50 lines that goes before. */
  readonly noBatchProbe?: boolean;
  /** Print the address only, and open no browser. */
  readonly noOpen?: boolean;
  /** POST there how the run ended. */
  readonly notify?: string;
  /** Json, slack (incoming webhook) or ping (healthchecks.io: /start, then /<exit code>). */
  readonly notifyAs?: string;
  /** With --batch: from then on ask the rest online; 04:00, or a duration such as 6h. */
  readonly onlineAfter?: string;
  /** Run directory, always needed; one that holds this run is continued. */
  readonly out?: string;
  /** File to write, gs://bucket/name, or bq://project.dataset.table. */
  readonly output?: string;
  /** With --shard: plan of the input that shards share; made when it is not there. */
  readonly plan?: string;
  /** Share --rpm, --tpm, pauses and a budget with all runs of a pool on Redis: redis://[user@]host:port/0, rediss:// for TLS; the password is $GLEANER_POOL_PASSWORD. */
  readonly pool?: string;
  /** Most US dollars of all runs of the pool together. */
  readonly poolMaxCost?: number;
  /** Most tokens of all runs of the pool together. */
  readonly poolMaxTotalTokens?: number;
  /** Tells pools on one server apart. */
  readonly poolPrefix?: string;
  /** How long a pool that does not answer is waited for. */
  readonly poolWaitMs?: number;
  /** Port of the page on this machine; 0 picks a free one. */
  readonly port?: number;
  /** JSON file of prices of your own, for models that have none here or another one. */
  readonly prices?: string;
  /** Google Cloud project. */
  readonly project?: string;
  /** User message, instead of --request. */
  readonly prompt?: string;
  /** Only the schema that the service is sent. */
  readonly provider?: boolean;
  /** Say nothing but errors, and why the exit code is not 0. */
  readonly quiet?: boolean;
  /** CSV: leave text that begins like a formula without the apostrophe that disarms it. */
  readonly raw?: boolean;
  /** Who reads results: a validator of JSON Schema, or zod, which fills in defaults and drops unknown keys. */
  readonly reader?: string;
  /** Why the break is right; it is committed with the acceptance. */
  readonly reason?: string;
  /** The rejects instead of the results. */
  readonly rejects?: boolean;
  /** Accept that the definition of that name is gone. */
  readonly removed?: boolean;
  /** JSON file with the whole request, or - for standard input. */
  readonly request?: string;
  /** Consumption option: dedicated, shared, priority or flex. */
  readonly requestType?: string;
  /** Bound of the first retry delay; doubles up to 60000. */
  readonly retryDelayMs?: number;
  /** One row for each member of this list, such as items, with the rest of the record beside it. */
  readonly rows?: string;
  /** Most requests a minute. */
  readonly rpm?: number;
  /** So many at random, the same ones each time. */
  readonly sample?: number;
  /** JSON file with options and a script of faults and answers; flags go before it. */
  readonly scenario?: string;
  /** Seed of answers and faults. */
  readonly seed?: number;
  /** Send these records, and print what comes of them, and where it stands in the record. */
  readonly send?: boolean;
  /** Take only every n-th chunk of the input, from 0/n to n-1/n; auto, auto/n: as Cloud Run or Kubernetes says. */
  readonly shard?: string;
  /** Folder of the snapshots. */
  readonly snapshots?: string;
  /** Have answers streamed, and stop paying for one that cannot become valid. */
  readonly stream?: boolean;
  /** Markdown: the end of the run into $GITHUB_STEP_SUMMARY, or to stdout where that is not set. */
  readonly summary?: string;
  /** Look at what reading and writing this table needs, and how many bytes reading it is. */
  readonly table?: string;
  /** Records in a sample. */
  readonly take?: number;
  /** Columns that the model reads. */
  readonly text?: string;
  /** Time for one call. */
  readonly timeoutMs?: number;
  /** Most tokens a minute. */
  readonly tpm?: number;
  /** Compare with every snapshot, not only the newest. */
  readonly transitive?: boolean;
  /** Send the request even if its model is known to refuse it. */
  readonly unchecked?: boolean;
  /** What a refinement or transform that is new, edited or gone does, which no schema shows: note or fail. */
  readonly unseen?: string;
  /** End when nothing is left to do, and exit as the runs ended. */
  readonly untilEmpty?: boolean;
  /** With --batch: wait for the jobs, instead of ending with exit code 3 while they are open. */
  readonly wait?: boolean;
  /** The requests byte for byte, with their headers but for credentials, as the client would send them. */
  readonly wire?: boolean;
  /** Columns of the input beside the results: all, or these, separated by commas. */
  readonly withInput?: string;
  /** Take the run back: no chunk of it is begun any more; its parts stay. */
  readonly withdraw?: boolean;
  /** Ask nothing in a terminal either: take what is guessed. */
  readonly yes?: boolean;
}
