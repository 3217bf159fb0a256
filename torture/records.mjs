import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { recordCanary } from './canaries.mjs';

/** `series` makes the texts other ones, and so the faults that are drawn by them. */
export function recordLine(index, series = 0) {
  const text = `Note <${index}> of series ${series}\nName: ${recordCanary} ${index}\nTotal: ${index}.50`;
  return `${JSON.stringify({ id: `note-${index}`, text })}\n`;
}

/** Writes JSON lines without holding them: a million of them are no more to keep than one. */
export async function writeRecords(path, count, series = 0) {
  const stream = createWriteStream(path);
  let block = '';
  for (let index = 0; index < count; index += 1) {
    block += recordLine(index, series);
    if (block.length < 1 << 16 && index + 1 < count) continue;
    if (!stream.write(block)) await once(stream, 'drain');
    block = '';
  }
  stream.end();
  await finished(stream);
}
