import { appendFileSync, copyFileSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from '../../files/make-directory.ts';
import { StoreError } from '../../files/store-error.ts';
import { MEDIA_DIRECTORY } from '../../store/write-media.ts';
import { fileNames } from '../../store/run-directory.ts';
import { isSupersededName } from '../../store/superseded.ts';
import { linesOf } from './merge-ledger.ts';
import type { OpenedPart } from './open-part.ts';

/** Lines of each part, one part behind the other: what people said, what was set aside, and answers that may be needed again. */
const APPENDED = [fileNames.labels, fileNames.doubled, fileNames.answered] as const;

/** Takes over what a run directory has besides its results, rejects and ledger. Evidence is left out: it is found again without a call. */
export function copyRest({ part: { directory, lengths } }: OpenedPart, place: string): void {
  if (!existsSync(directory)) return;
  for (const name of readdirSync(directory)) {
    if (name === MEDIA_DIRECTORY) copyMedia(join(directory, name), join(place, name));
    else if (isSupersededName(name) || APPENDED.some((known) => known === name)) {
      appendLines(
        join(directory, name),
        join(place, name),
        name === fileNames.answered ? lengths?.answered : undefined,
      );
    }
  }
}

function appendLines(from: string, to: string, size: number | undefined): void {
  try {
    let text = '';
    for (const line of linesOf(from, size)) {
      text += `${line}\n`;
      if (text.length < 1 << 20) continue;
      appendFileSync(to, text);
      text = '';
    }
    appendFileSync(to, text);
  } catch (error) {
    throw error instanceof StoreError ? error : new StoreError('write', to, error);
  }
}

/** Pictures are named by the row of their record, so that those of parts do not meet. */
function copyMedia(from: string, to: string): void {
  try {
    makeDirectory(to);
    for (const name of readdirSync(from)) copyFileSync(join(from, name), join(to, name));
  } catch (error) {
    throw new StoreError('copy', from, error);
  }
}
