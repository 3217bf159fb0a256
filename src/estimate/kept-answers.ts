import { findRun } from '../export/find-run.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { RecordTask } from '../run/ports.ts';
import type { PreparedExtraction } from '../run/prepare-extraction.ts';
import { inlineParts } from '../run/record/inline-parts.ts';
import { adoptService } from '../run/run-identity.ts';
import { carryOver, type CarryOverSources } from '../run/session/carry-over.ts';
import { openAnswerCache } from '../store/answer-cache.ts';
import { isOfFormerCode } from '../store/code-of-run.ts';
import { isOfFormerService } from '../store/service-of-run.ts';
import { Superseded } from '../store/superseded.ts';

export interface KeptAnswers {
  /** Whether a run would take an answer that is there, judged as today's definition judges it. */
  carriesOver(task: RecordTask): Promise<boolean>;
  close(): void;
}

/**
 * Opens the answers that a run would carry over, those of its cache and of the directory that it would continue; undefined without either.
 *
 * @throws {GleanerError} when there is no run in the directory, or it holds the answers of a service that these may not join
 */
export async function openKeptAnswers(
  prepared: PreparedExtraction,
  { out, cache: path, mediaRoot }: { out?: string; cache?: string; mediaRoot: string },
): Promise<KeptAnswers | undefined> {
  if (out === undefined && path === undefined) return undefined;
  const previous = out === undefined ? undefined : findRun(out).manifest;
  if (out !== undefined && previous !== undefined) {
    adoptService(previous, { service: prepared.service.name }, { out, mayChange: true });
  }
  const isOfFormer = previous !== undefined && isOfFormerService(previous);
  const cache = path === undefined ? undefined : (await openAnswerCache(path)).cache;
  const superseded = out === undefined ? undefined : Superseded.foresee(out);
  const sources: CarryOverSources = {
    cache,
    superseded,
    isFormer: previous !== undefined && isOfFormerCode(previous),
    judgeAgain: prepared.judgeAgain,
    earlierFingerprints: isOfFormer ? prepared.formerFingerprints : prepared.earlierFingerprints,
  };
  return {
    carriesOver: async (task) => (await carryOver(await withFiles(task), sources)) !== undefined,
    close: () => {
      cache?.close();
      superseded?.close();
    },
  };

  /** A record that names files is known by what is in them. */
  async function withFiles(task: RecordTask): Promise<RecordTask> {
    if (!task.messages.some(({ content }) => Array.isArray(content))) return task;
    const messages = await inlineParts(task.messages, mediaRoot).catch((error: unknown) => {
      if (error instanceof GleanerError) return task.messages;
      throw error;
    });
    return { ...task, messages, fingerprint: prepared.fingerprint(messages) };
  }
}
