import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** The records of a file of JSON lines. */
export async function* readRecords(path) {
  for await (const line of createInterface({ input: createReadStream(path) })) yield JSON.parse(line);
}
