import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openAnswerCache, type AnswerCache, type OpenedAnswerCache } from '../../store/answer-cache.ts';
import type { Manifest } from '../../store/manifest.ts';
import { fileNames, RunDirectory } from '../../store/run-directory.ts';
import { refuseForeignDirectory } from '../../store/refuse-foreign-directory.ts';
import { refuseSubmittedPlace } from '../../store/refuse-submitted-place.ts';
import type { RunOptions } from '../run-options.ts';

/** Opens what a run writes to, its directory and its cache, and closes both whatever becomes of the work. */
export async function withRunDirectory<Result>(
  options: Pick<RunOptions, 'out' | 'ownsOut' | 'isPart' | 'cache' | 'onNotice'> & { signal: AbortSignal | undefined },
  admit: (previous: Manifest | undefined) => void,
  work: (opened: { directory: RunDirectory; cache: AnswerCache | undefined }) => Promise<Result>,
): Promise<Result> {
  const { signal, onNotice: onWait } = options;
  const admitHere = (previous: Manifest | undefined): void => {
    // Once more behind the lock, which a submission sees: of two that begin at once, one at least is refused.
    if (options.ownsOut !== true) refuseSubmittedPlace(options.out, { hasRun: previous !== undefined });
    admit(previous);
  };
  if (options.ownsOut !== true) refuseOthers(options.out);
  const directory = await RunDirectory.open(options.out, {
    admit: admitHere,
    signal,
    onWait,
    skipsOsLock: options.isPart === true,
  });
  let opened: OpenedAnswerCache | undefined;
  let isSettled = false;
  try {
    if (options.cache !== undefined) opened = await openAnswerCache(options.cache);
    if (opened?.notice !== undefined) options.onNotice?.(opened.notice);
    const result = await work({ directory, cache: opened?.cache });
    isSettled = true;
    return result;
  } finally {
    opened?.cache.close();
    if (opened?.cache.failure !== undefined) options.onNotice?.(opened.cache.failure);
    directory.close({ keepInflight: !isSettled });
  }
}

/** Before anything is written. */
function refuseOthers(out: string): void {
  refuseForeignDirectory(out);
  refuseSubmittedPlace(out, { hasRun: existsSync(join(out, fileNames.manifest)) });
}
