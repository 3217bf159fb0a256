import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty directory that lasts as long as the test. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'gleaner-store-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
