import { basename } from 'node:path';
import { AppendLog } from '../files/append-log.ts';
import { readLines } from '../files/read-json-lines.ts';
import { writeFileAtomically } from '../files/write-file-atomically.ts';

/**
 * Moves lines of a file to the end of another, where each says what file it stood in. Dying between the two leaves a line in both.
 *
 * @param offsets of the lines: how many bytes come before each
 */
export function moveLines(from: string, to: string, offsets: ReadonlySet<number>): void {
  const moved = new AppendLog(to);
  for (const { offset, bytes } of readLines(from)) {
    if (offsets.has(offset)) moved.append({ file: basename(from), line: JSON.parse(bytes.toString('utf8')) });
  }
  moved.close();
  writeFileAtomically(from, linesBut(from, offsets));
}

function* linesBut(path: string, offsets: ReadonlySet<number>): Generator<string> {
  for (const { offset, bytes } of readLines(path)) if (!offsets.has(offset)) yield `${bytes.toString('utf8')}\n`;
}
