import type { RunObserver } from '../telemetry/run-observer.ts';
import type { Observed } from './observers.ts';
import type { conductedRunFlags } from './settings/flags.ts';
import type { Settings } from './settings/settings.ts';
import type { Terminal } from './terminal/terminal.ts';

/** Opens what looks on at a run because a flag asks for it. Nothing of it is loaded where none does. */
export async function observersOf(
  settings: Settings<typeof conductedRunFlags>,
  terminal: Terminal,
  observed: Observed,
): Promise<Required<RunObserver> | undefined> {
  const asks = ['metrics-file', 'notify', 'summary'] as const;
  const isAsked = asks.some((name) => settings.text(name) !== undefined);
  if (!isAsked && settings.number('metrics-port') === undefined) return undefined;
  return (await import('./observers.ts')).openObservers(settings, terminal, observed);
}
