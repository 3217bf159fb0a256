import type { FoundRun } from './find-run.ts';
import { GleanerError } from '../gleaner-error.ts';
import { canonicalJson } from '../json/canonical.ts';
import { inputSourceOf, type FileOptions } from '../records/input-source.ts';
import type { RecordFormat, RecordSource } from '../records/record.ts';

/**
 * Opens the input of a run once more, as the run read it. Results do not hold their records, which are read from there.
 *
 * @param path where the input is now; default: where the run found it
 * @throws {GleanerError} when it cannot be read, or is not what the run read
 */
export async function openRunInput(run: FoundRun, path?: string, signal?: AbortSignal): Promise<RecordSource> {
  const { identity, settings } = run.manifest;
  const given = path ?? settings['input'];
  if (typeof given !== 'string' || given === '-') {
    throw new GleanerError(
      'usage',
      `Cannot read the records of the run in ${run.path} again: it was not read from a file; name one that holds them`,
    );
  }
  const source = await inputSourceOf(given, optionsOf(identity));
  const today = await source.identity(signal);
  // Of standard input nothing is known; the ids of its records tell what does not fit.
  const before = identity['input'];
  if (
    typeof before === 'object' &&
    before !== null &&
    today !== undefined &&
    canonicalJson(before) !== canonicalJson(today)
  ) {
    throw new GleanerError(
      'input-changed',
      `Cannot use ${given} as the input of the run in ${run.path}: it has other contents than the run read; name the file as it was`,
    );
  }
  return source.open(signal);
}

function optionsOf(identity: FoundRun['manifest']['identity']): FileOptions {
  const { format, delimiter, encoding, fillShortRows } = identity;
  return {
    ...(typeof format === 'string' && { format: format as RecordFormat }),
    ...(typeof delimiter === 'string' && { delimiter }),
    ...(typeof encoding === 'string' && { encoding }),
    ...(fillShortRows === true && { fillShortRows }),
  };
}
