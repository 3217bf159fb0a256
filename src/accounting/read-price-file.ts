import { readFile } from 'node:fs/promises';
import { describeSystemError } from '../files/system-error.ts';
import { GleanerError } from '../gleaner-error.ts';
import { parsePriceTable } from './price-file.ts';
import type { PriceRow } from './price-table.ts';

/**
 * Reads a file of prices, a JSON array of rows such as `{ "model": "meta/llama-4", "usdPer1MTokens": { "input": 0.2, "output": 0.8 } }`.
 *
 * @throws {GleanerError} when it cannot be read, naming the row that is wrong
 */
export async function readPriceFile(path: string): Promise<PriceRow[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new GleanerError('price-table-invalid', `Cannot read the price file ${path}: ${describeSystemError(error)}`, {
      cause: error,
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new GleanerError('price-table-invalid', `Cannot read the price file ${path}: it is no JSON`);
  }
  return parsePriceTable(value);
}
