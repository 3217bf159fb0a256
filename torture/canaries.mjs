import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** Sent with every call; it may stand in no byte that the command writes. */
export const tokenCanary = 'canary.token.Zq7Rk2Vx9';
/** In the command's environment, for nothing. */
export const environmentCanary = 'canary.environment.Wm4Tj8';
/** In every record, and so in every answer: it belongs into results and rejects, and nowhere else. */
export const recordCanary = 'Canaryrecord';

/** Files that hold what records say, on purpose; the page for people shows examples of rejects, and a checkpoint has them, too. */
const contentFiles =
  /^(?:(?:superseded-\d+\.)?(?:results|rejects)\.jsonl|retrying\.jsonl|report\.html|profile\.json|checkpoint\.bin)$/;

/** Counts the bytes that were searched and the canaries that were found where they do not belong. */
export class CanarySearch {
  bytes = 0;
  leaks = [];

  text(name, text) {
    this.#search(name, Buffer.from(text), [tokenCanary, environmentCanary, recordCanary]);
    this.bytes += Buffer.byteLength(text);
  }

  directory(path) {
    for (const name of readdirSync(path)) {
      const canaries = [tokenCanary, environmentCanary];
      if (!contentFiles.test(name)) canaries.push(recordCanary);
      this.file(join(path, name), canaries);
    }
  }

  file(path, canaries) {
    const overlap = Math.max(...canaries.map((canary) => canary.length)) - 1;
    const buffer = Buffer.alloc(4 * 1024 * 1024);
    const fd = openSync(path, 'r');
    try {
      let kept = 0;
      for (let read = readSync(fd, buffer, { offset: kept }); read > 0; read = readSync(fd, buffer, { offset: kept })) {
        this.bytes += read;
        const filled = kept + read;
        this.#search(path, buffer.subarray(0, filled), canaries);
        kept = Math.min(overlap, filled);
        buffer.copyWithin(0, filled - kept, filled);
      }
    } finally {
      closeSync(fd);
    }
  }

  #search(name, bytes, canaries) {
    for (const canary of canaries) if (bytes.includes(canary)) this.leaks.push(`${canary} in ${name}`);
  }
}
