import { closeSync, existsSync, openSync, readSync } from 'node:fs';

const newline = 0x0a;

/** The whole lines of a file as text, one after the other; a torn last line is an error unless it is to be skipped. */
export function* lines(path, { torn = 'throw' } = {}) {
  if (!existsSync(path)) return;
  const fd = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(4 * 1024 * 1024);
    let kept = 0;
    for (let read = readSync(fd, buffer, { offset: kept }); read > 0; read = readSync(fd, buffer, { offset: kept })) {
      const filled = kept + read;
      let start = 0;
      for (let end = buffer.indexOf(newline); end !== -1 && end < filled; end = buffer.indexOf(newline, start)) {
        yield buffer.toString('utf8', start, end);
        start = end + 1;
      }
      kept = filled - start;
      buffer.copyWithin(0, start, filled);
    }
    if (kept > 0 && torn === 'throw') throw new Error(`${path} ends in half a line`);
  } finally {
    closeSync(fd);
  }
}

export function* entries(path) {
  for (const line of lines(path)) yield JSON.parse(line);
}
