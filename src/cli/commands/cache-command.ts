import { fillAnswerCache } from '../../export/fill-answer-cache.ts';
import { findRun } from '../../export/find-run.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { counted } from '../../text/counted.ts';
import { openAnswerCache, surveyAnswerCache } from '../../store/answer-cache.ts';
import { EXIT_CODES } from '../exit-code.ts';
import type { cacheInfoFlags, cacheRebuildFlags } from '../settings/flags/after-flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { visibleLine } from '../../text/visible.ts';

/** `gleaner cache rebuild <dir>... --cache <file>`: fills a cache from the results of earlier runs. */
export async function cacheRebuildCommand(
  directories: readonly string[],
  settings: Settings<typeof cacheRebuildFlags>,
  { stderr }: Terminal,
): Promise<number> {
  const path = settings.text('cache');
  if (path === undefined) {
    throw new GleanerError(
      'cache-unusable',
      'Cannot rebuild a cache: none is named; name one with --cache, such as --cache answers.db',
    );
  }
  // A mistyped directory shows before anything is written.
  const runs = directories.map(findRun);
  const { cache, isUsable, notice } = await openAnswerCache(path);
  try {
    if (!isUsable) throw new GleanerError('cache-unusable', `Cannot rebuild the cache: ${notice ?? path}`);
    if (notice !== undefined) stderr.write(`${visibleLine(notice)}\n`);
    for (const run of runs) {
      const { answers, skipped } = fillAnswerCache(cache, run);
      const rest =
        skipped === 0 ? '' : `, ${counted(skipped, 'line skipped that holds none', 'lines skipped that hold none')}`;
      stderr.write(`${visibleLine(run.path)}: ${counted(answers, 'answer')}${rest}\n`);
    }
    stderr.write(`${visibleLine(path)} holds ${counted(cache.size, 'answer')}\n`);
  } finally {
    cache.close();
  }
  if (cache.failure === undefined) return EXIT_CODES.ok;
  stderr.write(`error: ${visibleLine(cache.failure)}\n`);
  return EXIT_CODES.stopped;
}

/** `gleaner cache info <file>`: reads every row of a cache and says what it holds. */
export async function cacheInfoCommand(
  [path = '']: readonly string[],
  _settings: Settings<typeof cacheInfoFlags>,
  terminal: Terminal,
): Promise<number> {
  const { answers, unusable, oldest, newest, bytes } = await surveyAnswerCache(path).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new GleanerError('cache-unusable', `Cannot read the answer cache ${path}: ${reason}`, { cause: error });
  });
  terminal.stdout.write(`${JSON.stringify({ answers, unusable, oldest, newest, bytes }, null, 2)}\n`);
  return EXIT_CODES.ok;
}
