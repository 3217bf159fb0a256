import { identifyService } from '../completion/service.ts';
import type { Manifest } from './manifest.ts';

/** What run directories say that were begun before services had names; their fingerprints hold none either. */
const FORMER_NAME = 'service';

/** Whether a run was begun before services had names. */
export function isOfFormerService({ identity }: Pick<Manifest, 'identity'>): boolean {
  return identity['service'] === FORMER_NAME;
}

/** The name of the service whose answers a run directory holds; undefined where an old one does not tell. */
export function serviceOfRun(manifest: Pick<Manifest, 'identity' | 'settings'>): string | undefined {
  if (!isOfFormerService(manifest)) {
    const { service } = manifest.identity;
    return typeof service === 'string' ? service : undefined;
  }
  // The command line has always written down where its requests were posted.
  const { service: url } = manifest.settings;
  return typeof url === 'string' && URL.canParse(url) ? identifyService(new URL(url)).name : undefined;
}
