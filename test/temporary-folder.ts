import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const PREFIX = 'gleaner-tests-';

/** Gives the tests a temporary folder of their own, and removes it with all that they and the commands they ran left there. */
export default function (): (() => void) | void {
  // Each lane asks for it, and one folder is for all of them.
  if (basename(tmpdir()).startsWith(PREFIX)) return;
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  // Some tests run a process as another user, who must be let in.
  chmodSync(folder, 0o755);
  // The processes of the tests are started later, and take it from here.
  process.env['TMPDIR'] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
