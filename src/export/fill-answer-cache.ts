import { parseJsonObject } from '../json/parse-json.ts';
import { fstatSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { VERTEX_AI } from '../completion/service.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { CachedAnswer } from '../store/answer-cache-table.ts';
import type { AnswerCache } from '../store/answer-cache.ts';
import { describeSystemError } from '../files/system-error.ts';
import { isOfFormerService, serviceOfRun } from '../store/service-of-run.ts';
import { isOfFormerCode } from '../store/code-of-run.ts';
import type { FoundRun } from './find-run.ts';
import { scanLines } from '../files/line-scanner.ts';
import { closeRead } from '../files/close-read.ts';

export interface FillCount {
  /** Answers handed to the cache. */
  answers: number;
  /** Lines that are damaged, or hold no answer to a fingerprint. */
  skipped: number;
}

const FINGERPRINT_PATTERN = /^[0-9a-f]{32}$/;

/** What `--accept-changes` set aside holds answers that were paid for as well. */
const SUPERSEDED_RESULTS = /^superseded-\d+\.results\.jsonl$/;

/**
 * Puts a run directory's results into an answer cache. What cannot be used is passed over: a cache may lack answers.
 *
 * @throws {GleanerError} when the results cannot be read
 */
export function fillAnswerCache(cache: AnswerCache, run: FoundRun): FillCount {
  const count: FillCount = { answers: 0, skipped: 0 };
  if (isOfFormerService(run.manifest) && serviceOfRun(run.manifest) !== VERTEX_AI) {
    throw new GleanerError(
      'run-unreadable',
      `Cannot fill a cache from ${run.path}: the run is from before services had names, and nothing shows that its answers are Vertex AI's`,
    );
  }
  const { model } = run.manifest.identity;
  // A result does not say when its answer came; it was by the end of the last session.
  const { endedAt, startedAt } = run.manifest.sessions.at(-1) ?? {
    endedAt: null,
    startedAt: new Date(0).toISOString(),
  };
  const at = endedAt ?? startedAt;
  const isFormer = isOfFormerCode(run.manifest);
  try {
    for (const name of readdirSync(run.path)) {
      if (SUPERSEDED_RESULTS.test(name)) addFile(cache, join(run.path, name), { at, isFormer }, count);
    }
    addFile(cache, run.file('results'), typeof model === 'string' ? { at, model, isFormer } : { at, isFormer }, count);
  } catch (error) {
    throw new GleanerError('run-unreadable', `Cannot read the results in ${run.path}: ${describeSystemError(error)}`, {
      cause: error,
    });
  }
  cache.flush();
  return count;
}

type FileOfAnswers = Omit<CachedAnswer, 'data' | 'answer'> & { isFormer: boolean };

function addFile(cache: AnswerCache, path: string, { isFormer, ...known }: FileOfAnswers, count: FillCount): void {
  const fd = openSync(path, 'r');
  try {
    for (const { bytes } of scanLines(fd, fstatSync(fd).size)) {
      const { fingerprint, data, answer } = parseJsonObject(bytes.toString('utf8')) ?? {};
      if (typeof fingerprint !== 'string' || !FINGERPRINT_PATTERN.test(fingerprint) || data === undefined) {
        count.skipped += 1;
        continue;
      }
      // Before answers were kept, a line did not tell whether its data is one.
      const answered = answer ?? (isFormer ? undefined : data);
      cache.put(fingerprint, { data, ...(answered === undefined ? {} : { answer: answered }), ...known });
      count.answers += 1;
    }
  } finally {
    closeRead(fd);
  }
}
