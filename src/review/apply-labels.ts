import { openSync, readFileSync, readSync, statSync } from 'node:fs';
import { ReportAggregates } from '../accounting/run-profile.ts';
import { findRun } from '../export/find-run.ts';
import { AtomicFile } from '../files/atomic-file.ts';
import { closeRead } from '../files/close-read.ts';
import { readJsonLines } from '../files/read-json-lines.ts';
import { writeFileAtomically } from '../files/write-file-atomically.ts';
import { GleanerError } from '../gleaner-error.ts';
import { isSameJson } from '../json/same-json.ts';
import { withValueAt } from '../json/at-pointer.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import type { ResultEntry } from '../store/entries.ts';
import { HeldDirectory } from '../store/held-directory.ts';
import { fileNames } from '../store/run-directory.ts';
import { counted } from '../text/counted.ts';
import { applyLabels, isInForce, type Label } from './label.ts';
import { LabelFile } from './label-file.ts';
import { LabelJudge } from './label-judge.ts';
import { withoutLabels } from './unlabelled.ts';

export interface AppliedLabels {
  /** Results that are other than before. */
  changed: number;
  /** Results that have labels, and are as these say. */
  labelled: number;
  /** Results whose labels are gone, and that are as the model answered again. */
  takenBack: number;
  /** Labelled records without a result. */
  withoutResult: number;
  /** Labels of a place that their result does not have, such as a member of a list that is shorter now. */
  withoutPlace: number;
}

const CHUNK_LENGTH = 256 * 1024;
const NEW_LINE = 0x0a;

/**
 * Carries labels into the results of a run: `data` becomes what people said, `answer` keeps what the model said, and `labels` who said what and
 * when. Where a record's labels are gone, `data` is what it was before them. The file is replaced whole, and repeated it changes nothing.
 *
 * @throws {GleanerError} when the directory holds no run, a run is at work in it, or the schema refuses a label
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
    const applier = new LabelApplier(labels, new LabelJudge(run.manifest.outputSchema));
    const aggregates = new ReportAggregates();
    const file = new AtomicFile(run.file('results'));
    try {
      let text = '';
      for (const line of readJsonLines(run.file('results'))) {
        const entry = applier.apply(line as unknown as ResultEntry);
        aggregates.addResult(entry);
        text += `${JSON.stringify(entry)}\n`;
        if (text.length < CHUNK_LENGTH) continue;
        file.write(text);
        text = '';
      }
      file.write(text);
      if (applier.refused.length > 0) throw refusalOf(applier.refused, run.file('labels'), directory);
      held.demandOurs();
      if (applier.counts.changed > 0) {
        file.commit();
        replaceProfile(run.file('profile'), aggregates);
      }
    } finally {
      file.discard();
    }
    return applier.counts;
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

/** Puts labels into results, and collects those that cannot be put in. */
class LabelApplier {
  readonly counts: AppliedLabels;
  readonly refused: { line: number; reason: string }[] = [];
  readonly #labels: LabelFile;
  readonly #judge: LabelJudge;

  constructor(labels: LabelFile, judge: LabelJudge) {
    this.#labels = labels;
    this.#judge = judge;
    this.counts = { changed: 0, labelled: 0, takenBack: 0, withoutResult: labels.size, withoutPlace: 0 };
  }

  /** The entry as the labels say; the model's answer is what stood there before any of them. */
  apply(before: ResultEntry): ResultEntry {
    const labels = this.#labels.of(before.id);
    if (labels.length > 0) {
      this.counts.labelled += 1;
      this.counts.withoutResult -= 1;
    } else if (before.labels !== undefined) this.counts.takenBack += 1;
    const entry = this.#labelled(withoutLabels(before), labels);
    if (!isSameJson(entry, before as unknown as JsonObject)) this.counts.changed += 1;
    return entry;
  }

  #labelled(entry: ResultEntry, labels: readonly Label[]): ResultEntry {
    if (labels.length === 0) return entry;
    const inForce = labels.filter((label, at) => isInForce(label, labels.slice(at + 1)));
    const data = applyLabels(entry.data, inForce);
    for (const label of inForce) this.#check(label, entry.data, { inForce, data });
    const last = new Map(labels.map((label) => [label.path, label]));
    const said = [...last.values()].map(({ path, by, at }) => ({ path, by, at }));
    if (entry.answer !== undefined) return { ...entry, data, unlabelled: entry.data, labels: said };
    return isSameJson(data, entry.data)
      ? { ...entry, labels: said }
      : { ...entry, data, answer: entry.data, labels: said };
  }

  /** Labels of a record are judged together: two of them may fit only with each other. */
  #check(label: Label, given: JsonValue, { inForce, data }: { inForce: readonly Label[]; data: JsonValue }): void {
    const { path, value } = label;
    const others = inForce.filter((one) => one !== label);
    const before = applyLabels(given, others);
    if (withValueAt(before, path, value) === undefined) {
      this.counts.withoutPlace += 1;
      return;
    }
    const misfit = this.#judge.misfit(before, label, data);
    if (misfit === undefined) return;
    const place = misfit.path === path ? '' : ` (the label is of ${path === '' ? 'the whole' : path})`;
    this.refused.push({
      line: this.#labels.lineOf(label) ?? 0,
      reason: `record ${JSON.stringify(label.id)}: ${misfit.path === '' ? 'the whole' : misfit.path} ${misfit.needs}${place}`,
    });
  }
}

const MOST_REFUSED = 10;

function refusalOf(refused: LabelApplier['refused'], path: string, directory: string): GleanerError {
  const more = refused.length - MOST_REFUSED;
  const lines = refused
    .toSorted((one, other) => one.line - other.line)
    .slice(0, MOST_REFUSED)
    .map(({ line, reason }) => `line ${line}, ${reason}`);
  if (more > 0) lines.push(counted(more, 'more line'));
  return new GleanerError(
    'labels-invalid',
    `Cannot apply labels in ${directory}: the schema of the results refuses ${counted(refused.length, 'label')} of ${path}: ${lines.join('; ')}. Nothing was changed: correct the values in gleaner review, or take the lines out`,
  );
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
