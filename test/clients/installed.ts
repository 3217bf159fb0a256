import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const cache = new URL('../../node_modules/.cache/gleaner-clients/', import.meta.url);

/** The folder of a list of clients; undefined where `npm run test:clients` has not installed it. */
export function installedFolder(
  list: 'node' | 'python-requirements' | 'python-requirements-instructor' | 'python-requirements-tables',
) {
  const folder = fileURLToPath(new URL(list, cache));
  return existsSync(`${folder}/.installed`) ? folder : undefined;
}

/** Why a test of a client is skipped, as part of its name. */
export function absence(folder: string | undefined): string {
  return folder === undefined ? ' (skipped: not installed; npm run test:clients installs it)' : '';
}

/** Loads a client by the name that the list gives it. */
export async function loadClient<Module>(folder: string, name: string): Promise<Module> {
  const { load } = (await import(/* @vite-ignore */ `${folder}/load.js`)) as { load(name: string): Promise<Module> };
  return load(name);
}
