import { join } from 'node:path';
import { loadDefinition } from '../../extraction/load-definition.ts';
import { findRun } from '../../export/find-run.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { isIdleRetry, retryRejects } from '../../run/retry-rejects.ts';
import { fileNames } from '../../store/run-directory.ts';
import { retryingRejects } from '../../store/take-rejects.ts';
import type { Manifest } from '../../store/manifest.ts';
import type { Observed } from '../observers.ts';
import { observersOf } from '../observers-of.ts';
import { poolWork } from '../open-pool.ts';
import { runWithTerminal } from '../run-with-terminal.ts';
import { withServiceOfRun } from '../service-of-retry.ts';
import type { retryFlags } from '../settings/flags/run-flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `gleaner retry <run-dir>`: the definition is the run's, unless another is named. */
export async function retryCommand(
  [out = '']: readonly string[],
  given: Settings<typeof retryFlags>,
  terminal: Terminal,
): Promise<number> {
  const { manifest } = findRun(out);
  const settings = withServiceOfRun(given, manifest);
  const definition = settings.text('definition') ?? definitionOf(out, manifest);
  const { extraction } = await loadDefinition(definition);
  const codes = settings
    .text('code')
    ?.split(',')
    .map((code) => code.trim());
  const mediaRoot = settings.text('media-root');
  const work = {
    extraction: extraction.name,
    input: join(out, fileNames.rejects),
    out,
    definition,
    isQuiet: settings.isOn('quiet'),
    isIdle: isIdleRetry(out, codes),
    retriedInput: String(manifest.settings['input']),
    ...(typeof manifest.settings['command'] === 'string'
      ? { settings: { command: manifest.settings['command'] } }
      : {}),
    ...poolWork(settings, terminal.environment),
    observe: (observed: Observed) =>
      observersOf(settings, terminal, { ...observed, model: settings.text('model') ?? extraction.model }),
    // They are moved out of the rejects before the work begins.
    countRecords: async (endedBefore: number) => {
      let total = endedBefore;
      for (const _reject of retryingRejects(out)) total += 1;
      return total;
    },
  };
  return runWithTerminal(work, settings, terminal, (options) =>
    retryRejects(extraction, {
      ...options,
      out,
      ...(codes === undefined ? {} : { codes }),
      ...(mediaRoot === undefined ? {} : { mediaRoot }),
    }),
  );
}

function definitionOf(out: string, { settings: { definition } }: Pick<Manifest, 'settings'>): string {
  if (typeof definition === 'string') return definition;
  throw new GleanerError(
    'usage',
    `Cannot retry the rejects in ${out}: run.json does not name the definition; give it with --definition`,
  );
}
