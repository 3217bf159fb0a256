import type { RunObserver } from '../telemetry/run-observer.ts';
import { isTraced } from './is-traced.ts';
import type { Observed } from './observers.ts';
import type { conductedRunFlags } from './settings/flags/run-flags.ts';
import type { Settings } from './settings/settings.ts';
import type { Terminal } from './terminal/terminal.ts';

/** Opens what looks on at a run because a flag or the environment asks for it. Nothing of it is loaded where none does. */
export async function observersOf(
  settings: Settings<typeof conductedRunFlags>,
  terminal: Terminal,
  observed: Observed,
): Promise<Required<RunObserver> | undefined> {
  const asks = ['metrics-file', 'notify', 'summary'] as const;
  const isAsked = asks.some((name) => settings.text(name) !== undefined);
  const isWatched = isAsked || settings.number('metrics-port') !== undefined || isTraced(terminal.environment);
  if (!isWatched) return undefined;
  return (await import('./observers.ts')).openObservers(settings, terminal, observed);
}
