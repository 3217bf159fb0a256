import { openSync, readFileSync, readSync, statSync } from 'node:fs';
import { ReportAggregates } from '../accounting/run-profile.ts';
import { findRun } from '../export/find-run.ts';
import { AtomicFile } from '../files/atomic-file.ts';
import { closeRead } from '../files/close-read.ts';
import { readJsonLines } from '../files/read-json-lines.ts';
import { writeFileAtomically } from '../files/write-file-atomically.ts';
import { GleanerError } from '../gleaner-error.ts';
import { isSameJson } from '../json/same-json.ts';
import { isJsonObject } from '../json/value.ts';
import type { ResultEntry } from '../store/entries.ts';
import { HeldDirectory } from '../store/held-directory.ts';
import { fileNames } from '../store/run-directory.ts';
import { applyLabels, type Label } from './label.ts';
import { LabelFile } from './label-file.ts';

export interface AppliedLabels {
  /** Results that are other than before. */
  changed: number;
  /** Results that have labels, and are as these say. */
  labelled: number;
  /** Labelled records without a result. */
  withoutResult: number;
}

const CHUNK_LENGTH = 256 * 1024;
const NEW_LINE = 0x0a;

/**
 * Carries labels into the results of a run: `data` becomes what people said, `answer` keeps what the model said, and `labels` who said what and
 * when. The file is replaced whole, and repeated it changes nothing.
 *
 * @throws {GleanerError} when the directory holds no run, or a run is at work in it
 * @throws {StoreError} when it cannot be written
 */
export async function applyRunLabels(directory: string): Promise<AppliedLabels> {
  const run = findRun(directory);
  const held = await HeldDirectory.take(directory, { lockName: fileNames.lock });
  try {
    if (run.manifest.status === 'running') {
      throw new GleanerError(
        'directory-unusable',
        `Cannot apply labels in ${directory}: its last session was killed; repeat the run command, and then this one`,
      );
    }
    demandWhole(run.file('results'), directory);
    const labels = new LabelFile(run.file('labels'));
    const counts = { changed: 0, labelled: 0, withoutResult: labels.size };
    const aggregates = new ReportAggregates();
    const file = new AtomicFile(run.file('results'));
    try {
      let text = '';
      for (const line of readJsonLines(run.file('results'))) {
        const before = line as unknown as ResultEntry;
        const entry = labelled(before, labels.of(before.id));
        if (labels.of(before.id).length > 0) {
          counts.labelled += 1;
          counts.withoutResult -= 1;
          if (!isSameJson(entry, line)) counts.changed += 1;
        }
        aggregates.addResult(entry);
        text += `${JSON.stringify(entry)}\n`;
        if (text.length < CHUNK_LENGTH) continue;
        file.write(text);
        text = '';
      }
      file.write(text);
      held.demandOurs();
      if (counts.changed > 0) {
        file.commit();
        replaceProfile(run.file('profile'), aggregates);
      }
    } finally {
      file.discard();
    }
    return counts;
  } finally {
    held.release();
  }
}

/** Results are written anew here: a line that is cut would be gone for good, and without a file there would be an empty one. */
function demandWhole(path: string, directory: string): void {
  const { size } = statSync(path, { throwIfNoEntry: false }) ?? {};
  const why =
    size === undefined
      ? 'is not there'
      : size > 0 && lastByteOf(path, size) !== NEW_LINE
        ? 'is cut in its last line'
        : undefined;
  if (why === undefined) return;
  throw new GleanerError(
    'directory-unusable',
    `Cannot apply labels in ${directory}: ${fileNames.results} ${why}; bring the file back, or repeat the run command, which asks for what is missing, and then this one`,
  );
}

function lastByteOf(path: string, size: number): number | undefined {
  const fd = openSync(path, 'r');
  try {
    const byte = Buffer.alloc(1);
    readSync(fd, byte, 0, 1, size - 1);
    return byte[0];
  } finally {
    closeRead(fd);
  }
}

/** The entry as the labels say; the model's answer is what stood there before any of them. */
function labelled(entry: ResultEntry, labels: readonly Label[]): ResultEntry {
  const last = new Map(labels.map((label) => [label.path, label]));
  if (last.size === 0) return entry;
  const data = applyLabels(entry.data, labels);
  const said = [...last.values()].map(({ path, by, at }) => ({ path, by, at }));
  if (isSameJson(data, entry.data)) return { ...entry, labels: said };
  return { ...entry, data, answer: entry.answer ?? entry.data, labels: said };
}

/** Of what the results hold; what else stands there, such as the rates of evidence, is kept. */
function replaceProfile(path: string, aggregates: ReportAggregates): void {
  try {
    const before: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (!isJsonObject(before)) return;
    writeFileAtomically(path, `${JSON.stringify({ ...before, ...aggregates.profile() }, null, 2)}\n`);
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      throw error;
  }
}
