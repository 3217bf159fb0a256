import { isInBigQuery, parseDatasetAddress } from '../bigquery/dataset-address.ts';
import { GoogleRest, type GoogleRestOptions, type HeaderSource } from '../cloud-storage/google-rest.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { SchemaField } from '../native/native-request.ts';
import type { BackoffOptions } from '../pacing/backoff.ts';
import { systemClock } from '../pacing/system-clock.ts';
import type { Lane, WorkingLane } from '../run/lane.ts';
import type { Clock } from '../run/ports.ts';
import { BATCH_TIMINGS, SHARD_LIMITS, type BatchTimings, type ShardLimits } from './batch-options.ts';
import { BatchWork } from './batch-work.ts';
import { BucketLines } from './bucket-lines.ts';
import { vertexOrigin } from './vertex-origin.ts';
import { checkDeadline } from './deadline.ts';
import { JobClient } from './job-client.ts';
import type { LineStore } from './line-store.ts';
import { refuseForBatch } from './refuse-for-batch.ts';

export interface BatchLaneOptions {
  /** Where the lines of jobs go: `gs://bucket/prefix`, or tables in `bq://project.dataset` or, their names beginning so, `bq://project.dataset.prefix`. */
  target: string;
  project: string;
  location: string;
  /** Authorizes calls of Vertex AI, and of Cloud Storage or BigQuery. */
  credentials: HeaderSource;
  /** The emulator's origin, in the place of Google's hosts. */
  emulator?: string | undefined;
  /** Whether to wait for the jobs. Default false: the run stops while they are open, and is continued later. */
  wait?: boolean | undefined;
  /** When the rest is asked for online: a time such as `04:00`, or a duration such as `6h`. Default: never. */
  onlineAfter?: string | undefined;
  /** Whether a job of a few lines goes before many. Default true. */
  probe?: boolean | undefined;
  /** Whether answers that the schema refuses are sent back by further jobs. Default false: they are sent back online. */
  reasks?: boolean | undefined;
  /**
   * Whether files that stand inside requests, as those of this machine do, are put into Cloud Storage below `target`, for the lines to name.
   * Default false: they are refused, as they are where `target` is in BigQuery.
   */
  uploadMedia?: boolean | undefined;
  /** The field that carries the schema. Default `responseSchema`. */
  schemaField?: SchemaField | undefined;
  limits?: Partial<ShardLimits> | undefined;
  timings?: Partial<BatchTimings> | undefined;
  clock?: Clock | undefined;
  userAgent?: string | undefined;
  proxy?: GoogleRestOptions['proxy'];
  backoff?: BackoffOptions | undefined;
}

/** A lane together with its connections. */
export interface BatchLane extends Lane {
  close(): Promise<void>;
}

/**
 * Has questions asked by Vertex AI's batch jobs, which cost half: the first of each record, and with `reasks` the others, too.
 *
 * @throws {GleanerError} for options that make no sense
 */
export function createBatchLane(options: BatchLaneOptions): BatchLane {
  const { project, location, credentials, emulator, schemaField = 'responseSchema' } = options;
  const { userAgent, proxy, backoff } = options;
  const rest = { userAgent, proxy, backoff };
  if (options.onlineAfter !== undefined) checkDeadline(options.onlineAfter);
  const store = storeFor(options);
  const vertex = new GoogleRest({ ...rest, credentials, origin: emulator ?? vertexOrigin(location) });
  const common = {
    jobs: new JobClient(vertex, { project, location }),
    wait: options.wait ?? false,
    onlineAfter: options.onlineAfter,
    hasProbe: options.probe ?? true,
    hasReasks: options.reasks ?? false,
    uploadsMedia: options.uploadMedia ?? false,
    schemaField,
    limits: { ...SHARD_LIMITS, ...options.limits },
    timings: { ...BATCH_TIMINGS, ...options.timings },
    clock: options.clock ?? systemClock,
  };
  const lane: BatchLane & WorkingLane = {
    way: 'batch',
    keepsAnswers: common.hasReasks,
    admit: (prepared, input) => refuseForBatch(prepared, input, schemaField),
    work: async (run) => new BatchWork(run, { ...common, store: await store.open() }).execute(),
    close: async () => {
      await Promise.all([store.close(), vertex.close()]);
    },
  };
  return lane;
}

/** Tables are known of only where they are wanted. */
function storeFor(options: BatchLaneOptions): { open(): Promise<LineStore>; close(): Promise<void> } {
  const { target, project, credentials, emulator, userAgent, proxy, backoff } = options;
  const access = { credentials, userAgent, proxy, backoff };
  if (!isInBigQuery(target)) {
    const files = new BucketLines(target, { ...access, origin: emulator ?? 'https://storage.googleapis.com' });
    return { open: () => Promise.resolve(files), close: () => files.close() };
  }
  parseDatasetAddress(target);
  if (options.uploadMedia === true) {
    throw new GleanerError(
      'option-invalid',
      `Cannot put files of requests into ${target}: a table holds none; name them by gs:// addresses in the prompt, or give a place in Cloud Storage for the jobs`,
    );
  }
  let tables: LineStore | undefined;
  return {
    open: async () => {
      const { TableLines } = await import('./table-lines.ts');
      return (tables ??= new TableLines(target, { ...access, project, emulator }));
    },
    close: async () => tables?.close(),
  };
}
