import type { VertexClient } from '../vertex/client.ts';
import type { CheckBatchOptions } from './check-batch.ts';
import type { CheckTableOptions } from './check-table.ts';
import { checkDefinitions } from './check-definitions.ts';
import { checkDisk, checkNode } from './check-machine.ts';
import { checkModel } from './check-model.ts';
import type { CheckResult } from './check-result.ts';
import { checkCall, checkCredentials, checkHost, skipped } from './check-service.ts';

export interface CheckSetupOptions {
  /** Whose host, credentials and model are looked at; without it these checks are skipped. */
  client?: VertexClient | undefined;
  /** Where runs would be written, and `schemas/` stands. Default: the current directory. */
  directory?: string;
  /** Default: all below `schemas/`. */
  definition?: string | undefined;
  /** The model that would be asked; null for an endpoint that wants none named. Default: those of the definitions. */
  model?: string | null | undefined;
  /** Makes one small call, which is billed. Default false. */
  send?: boolean;
  /** The place in Cloud Storage and the project of runs by batch jobs, to be tried as well. */
  batch?: Omit<CheckBatchOptions, 'model' | 'send'> | undefined;
  /** A table of BigQuery that is read or written, to be tried as well. */
  table?: CheckTableOptions | undefined;
  /** Milliseconds since 1970. Default: the clock. */
  now?: () => number;
}

/** Looks at all that a run rests on, one check after the other, and tells of each as it is done. Sends nothing that is billed, unless asked to. */
export async function* checkSetup(options: CheckSetupOptions = {}): AsyncGenerator<CheckResult, void, void> {
  const { client, directory = process.cwd(), send = false, now = Date.now } = options;
  yield checkNode(process.version);
  yield checkDisk(directory);
  const { results, extractions } = await checkDefinitions(directory, options.definition);
  yield* results;
  const named = extractions.flatMap(({ model }) => (model === undefined ? [] : [model]));
  const models = options.model === undefined ? [...new Set(named)] : options.model === null ? [] : [options.model];
  for (const model of models) yield checkModel(model, now());
  if (client === undefined) return;
  const [network, clock] = await checkHost(client, now);
  yield* [network, clock];
  if (network.status === 'failed') {
    yield skipped('credentials', 'nobody answers');
    return;
  }
  const credentials = await checkCredentials(client);
  yield credentials;
  if (!send)
    yield { ...skipped('call', 'no call was made, which alone shows that the model answers'), advice: 'have one made' };
  else if (credentials.status === 'failed') yield skipped('call', 'there are no credentials');
  else for (const model of options.model === null ? [null] : models) yield await checkCall(client, model, now);
  // Loaded here, because few runs go by batch jobs or use tables.
  if (options.batch !== undefined) {
    if (credentials.status === 'failed') yield skipped('batch', 'there are no credentials');
    else yield* (await import('./check-batch.ts')).checkBatch({ ...options.batch, model: models[0], send });
  }
  if (options.table !== undefined) {
    if (credentials.status === 'failed') yield skipped('table', 'there are no credentials');
    else yield* (await import('./check-table.ts')).checkTable(options.table);
  }
}
