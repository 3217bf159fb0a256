import { existsSync, readFileSync } from 'node:fs';
import { findRun, type FoundRun } from '../export/find-run.ts';
import { openLines } from '../export/open-lines.ts';
import type { Extraction } from '../extraction/definition.ts';
import { compileRecordId } from '../extraction/record-id.ts';
import { AtomicFile } from '../files/atomic-file.ts';
import { writeFileAtomically } from '../files/write-file-atomically.ts';
import { isJsonObject, type JsonObject } from '../json/value.ts';
import { withEvidence } from '../report/html/evidence.ts';
import type { ResultEntry } from '../store/entries.ts';
import { EvidenceTally, type EvidenceRates } from './evidence-rates.ts';
import { compileResultEvidence } from './result-evidence.ts';
import { openRunInput } from '../export/run-input.ts';

export interface CollectEvidenceOptions {
  /** Where the input is now. Default: where the run found it. */
  input?: string | undefined;
  signal?: AbortSignal | undefined;
}

export interface CollectedEvidence extends EvidenceRates {
  /** Results of which the input holds no record under their id. */
  withoutRecord: number;
}

const CHUNK_LENGTH = 256 * 1024;

/**
 * Finds the evidence for every result of a run and writes it into the run's directory, as evidence.jsonl in input order, and its rates
 * into profile.json and report.html. Makes no call. May be repeated: the file is replaced whole.
 *
 * @throws {GleanerError} when the run or its input cannot be read, or the input is not what the run read
 * @throws {StoreError} when the directory cannot be written
 */
export async function collectEvidence(
  extraction: Extraction,
  directory: string,
  { input, signal }: CollectEvidenceOptions = {},
): Promise<CollectedEvidence> {
  const run = findRun(directory);
  const evidenceOf = await compileResultEvidence(extraction);
  const recordId = compileRecordId(extraction, idFieldOf(run, extraction));
  const rows = await openRunInput(run, input, signal);
  const lines = openLines(run, 'results');
  const tally = new EvidenceTally();
  let file: AtomicFile | undefined;
  try {
    file = new AtomicFile(run.file('evidence'));
    const results = lines.entries();
    let next = results.next();
    let text = '';
    let withoutRecord = 0;
    for await (const row of rows) {
      while (next.done !== true && Number(next.value['index']) <= row.index) {
        const result = next.value as unknown as ResultEntry;
        next = results.next();
        const isSame =
          row.kind === 'record' && result.index === row.index && isIdOf(recordId(row.fields, row.index), result.id);
        if (!isSame) {
          withoutRecord += 1;
          continue;
        }
        const evidence = evidenceOf(result, row);
        tally.add(evidence);
        text += `${JSON.stringify({ id: result.id, evidence })}\n`;
      }
      if (text.length >= CHUNK_LENGTH) {
        file.write(text);
        text = '';
      }
      if (next.done === true) break;
    }
    for (; next.done !== true; next = results.next()) withoutRecord += 1;
    file.write(text);
    file.commit();
    const rates = tally.rates();
    if (run.manifest.status !== 'running') addToReports(run, rates);
    return { ...rates, withoutRecord };
  } finally {
    file?.discard();
    lines.close();
  }
}

/** The column that the run took its ids from, where a flag had named another than the definition's. */
export function idFieldOf({ manifest }: FoundRun, extraction: Pick<Extraction, 'id'>): string | undefined {
  const { id } = manifest.identity;
  return typeof id === 'string' && !id.startsWith('function ') && typeof extraction.id !== 'function' ? id : undefined;
}

function isIdOf(found: ReturnType<ReturnType<typeof compileRecordId>>, id: string): boolean {
  return found.ok && found.id === id;
}

/** What a run that was stopped hard lacks is left to its next session. */
function addToReports(run: FoundRun, rates: EvidenceRates): void {
  addToProfile(run, rates);
  const path = run.file('report');
  if (existsSync(path)) writeFileAtomically(path, withEvidence(readFileSync(path, 'utf8'), rates));
}

function addToProfile(run: FoundRun, rates: EvidenceRates): void {
  const path = run.file('profile');
  let profile: JsonObject = {};
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (isJsonObject(value)) profile = value;
  } catch {
    return;
  }
  writeFileAtomically(path, `${JSON.stringify({ ...profile, evidence: rates }, null, 2)}\n`);
}
