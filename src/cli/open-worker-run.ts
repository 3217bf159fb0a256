import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBudget } from '../accounting/create-budget.ts';
import type { CompletionClient, CompletionStream, StreamingClient } from '../completion/client.ts';
import { digestDefinitionSource } from '../extraction/definition-source.ts';
import { loadDefinition } from '../extraction/load-definition.ts';
import { returnClaims } from '../fleet/queue/return-claims.ts';
import type { FleetPool } from '../fleet/pool/open-pool.ts';
import { latestCaps, type Submission } from '../fleet/queue/submission.ts';
import { fetchPlan } from '../fleet/queue/submit-run.ts';
import type { WorkerRun } from '../fleet/queue/worker-run.ts';
import { GleanerError } from '../gleaner-error.ts';
import { RunStop } from '../run/run-stop.ts';
import { demandSameService } from './fleet-service.ts';
import { openFleetStore } from './fleet-store.ts';
import { mergeInto } from './merge-into.ts';
import { openClient } from './open-client.ts';
import { openPoolOf } from './open-pool.ts';
import { conductedOptions, pricesOf } from './run-with-terminal.ts';
import { workFlags } from './settings/flags/fleet-flags.ts';
import { conductedRunFlags, runFlags } from './settings/flags/run-flags.ts';
import { resolveSettings, valuesOf, type Settings } from './settings/settings.ts';
import type { Terminal } from './terminal/terminal.ts';

export interface Surroundings {
  /** The worker's own flags, which go before what was submitted. */
  settings: Settings<typeof workFlags>;
  terminal: Terminal;
  poolUrl: string;
  onNotice(notice: string): void;
}

/**
 * Opens a submitted run for this machine: its definition, input, parts and service.
 *
 * @throws {GleanerError} where the machine has another definition, or lacks something that the run needs
 */
export async function openWorkerRun(
  submission: Submission,
  { settings: own, terminal, poolUrl, onNotice }: Surroundings,
): Promise<WorkerRun> {
  demandSameService(submission, own);
  const { extraction, digest } = await loadSame(submission);
  const { environment } = terminal;
  const values = { ...submission.settings, ...valuesOf(workFlags, own) };
  const settings = resolveSettings([...conductedRunFlags], values, {});
  const mediaRoot = resolveSettings([...runFlags], values, {}).text('media-root');
  const prices = await pricesOf(settings);
  // The caps are those of all workers, and the pool's to keep.
  const {
    maxTotalTokens: _tokens,
    maxCostUsd: _cost,
    maxRejectRate,
    minRecords,
    ...options
  } = conductedOptions(settings);
  const idField = submission.answers['idField'];
  const opened: { close(): Promise<void> | void }[] = [];
  const keep = <Opened extends { close(): Promise<void> | void }>(one: Opened): Opened => {
    opened.push(one);
    return one;
  };
  const close = async (): Promise<void> => {
    for (const one of opened.splice(0).toReversed()) await one.close();
  };
  try {
    const scratch = mkdtempSync(join(tmpdir(), 'gleaner-work-'));
    keep({ close: () => rmSync(scratch, { recursive: true, force: true }) });
    const store = keep(await openFleetStore(submission.out, { settings, environment }));
    const service = keep(
      await openClient(settings, environment, {
        isEmulated: settings.isOn('emulator'),
        connections: settings.number('concurrency'),
      }),
    );
    const pool = keep(
      await openPoolOf(poolUrl, settings, environment, {
        run: { id: submission.run },
        isWarned: true,
        runCaps: () => latestCaps(store, submission),
      }),
    );
    const plan = await fetchPlan(store, submission.plan, join(scratch, 'plan.jsonl'));
    const common = {
      ...options,
      ...(typeof idField === 'string' ? { idField } : {}),
      ...(mediaRoot === undefined ? {} : { mediaRoot }),
      ...(prices === undefined ? {} : { prices }),
      settings: { ...service.settings, pool: pool.name, definition: submission.definition.reference },
    };
    const model = settings.text('endpoint') === undefined ? (settings.text('model') ?? extraction.model) : undefined;
    const openBudget = () => createBudget({ client: service.client, prices }, { model, name: extraction.name }).budget;
    const returned = new Set<string>();
    return {
      store,
      plan,
      input: submission.input,
      extraction,
      definitionDigest: digest,
      options: { ...common, client: fenced(service.client, pool), pool, onNotice },
      returnClaims: () => returnClaims({ store, pool, openBudget, done: returned }),
      merge: (signal) =>
        mergeInto(
          submission.out,
          {
            store,
            plan,
            limits: { maxRejectRate: maxRejectRate ?? 0, minRecords: minRecords ?? 1 },
            prices,
            settings: { input: submission.input, fleet: submission.run },
            signal,
          },
          { settings, environment },
        ),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A client that sends nothing for a worker that stood still until others took what it had claimed. */
function fenced(client: CompletionClient, pool: FleetPool): CompletionClient {
  const complete: CompletionClient['complete'] = (request, options) => {
    const wait = pool.beforeSending(options?.signal);
    return wait === undefined ? client.complete(request, options) : wait.then(() => client.complete(request, options));
  };
  const stream = (...call: Parameters<StreamingClient['stream']>): CompletionStream => {
    if (pool.beforeSending(call[1]?.signal) === undefined) return (client as StreamingClient).stream(...call);
    throw new RunStop('this worker stood still, and others may have what it had claimed of the budget');
  };
  return new Proxy(client, {
    get(target, name) {
      if (name === 'complete') return complete;
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return name === 'stream' ? stream : value.bind(target);
    },
  });
}

async function loadSame({ definition, out }: Submission) {
  const { extraction, path } = await loadDefinition(definition.reference);
  const digest = await digestDefinitionSource(path);
  if (digest === definition.digest) return { extraction, digest };
  throw new GleanerError(
    'run-differs',
    `Cannot work on the run in ${out}: the definition ${definition.reference} has another source here (${digest}) than the one that was submitted (${definition.digest}); bring this machine to the same state of it`,
  );
}
