import { isJsonObject, type JsonObject } from '../json/value.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { TokenPrices } from '../models/price.ts';
import { priceModelName, type PriceRow } from './price-table.ts';

const ROW_KEYS = ['model', 'validFrom', 'validUntil', 'usdPer1MTokens', 'longPrompt', 'source', 'confidence'];
const PRICE_KEYS = ['input', 'cachedInput', 'output'];

/** A row of a user's own prices. */
export type PriceRowInput = Pick<PriceRow, 'model' | 'usdPer1MTokens'> &
  Partial<Omit<PriceRow, 'model' | 'usdPer1MTokens'>>;

/** A price above this is a mistaken unit, such as a price per billion tokens. */
const MAX_USD_PER1_MTOKENS = 100_000;

/**
 * Checks a user's own prices, a JSON array of rows as in the built-in table. `validFrom` may be absent (always valid), as
 * may `source`; `confidence` is always `given`.
 *
 * @throws {GleanerError} naming the row and what would be right
 */
export function parsePriceTable(json: unknown): PriceRow[] {
  if (!Array.isArray(json)) throw refusal('the file', 'expected a JSON array of price rows');
  const rows = json.map((value: unknown, index) => readRow(value, `row ${index + 1}`));
  refuseOverlaps(rows);
  return rows;
}

function readRow(value: unknown, place: string): PriceRow {
  const row = readObject(value, place, ROW_KEYS);
  const model = readText(row, 'model', place);
  if (model === undefined) throw refusal(place, 'expected a "model", such as "gemini-2.5-flash"');
  const validFrom = readDay(row, 'validFrom', place) ?? '0000-01-01';
  const validUntil = readDay(row, 'validUntil', place);
  if (validUntil !== undefined && validUntil < validFrom) {
    throw refusal(place, `expected "validUntil" to be no earlier than "validFrom", got ${validUntil} and ${validFrom}`);
  }
  const { longPrompt } = row;
  return {
    model: priceModelName(model),
    validFrom,
    ...(validUntil !== undefined && { validUntil }),
    usdPer1MTokens: readPrices(row['usdPer1MTokens'], `${place}, usdPer1MTokens`, PRICE_KEYS),
    ...(longPrompt !== undefined && { longPrompt: readLongPrompt(longPrompt, `${place}, longPrompt`) }),
    source: readText(row, 'source', place) ?? 'price file',
    confidence: 'given',
  };
}

function readLongPrompt(value: unknown, place: string): TokenPrices & { aboveTokens: number } {
  const prices = readPrices(value, place, [...PRICE_KEYS, 'aboveTokens']);
  const aboveTokens = isJsonObject(value) ? value['aboveTokens'] : undefined;
  if (typeof aboveTokens !== 'number' || !Number.isSafeInteger(aboveTokens) || aboveTokens < 0) {
    throw refusal(place, `expected "aboveTokens" to be a whole number of tokens, got ${show(aboveTokens)}`);
  }
  return { aboveTokens, ...prices };
}

function readPrices(value: unknown, place: string, keys: readonly string[]): TokenPrices {
  const prices = readObject(value, place, keys);
  const cachedInput = prices['cachedInput'] === undefined ? undefined : readPrice(prices, 'cachedInput', place);
  return {
    input: readPrice(prices, 'input', place),
    ...(cachedInput !== undefined && { cachedInput }),
    output: readPrice(prices, 'output', place),
  };
}

function readPrice(prices: JsonObject, key: string, place: string): number {
  const price = prices[key];
  if (typeof price === 'number' && price >= 0 && price <= MAX_USD_PER1_MTOKENS) return price;
  throw refusal(
    place,
    `expected "${key}" to be USD per million tokens, from 0 to ${MAX_USD_PER1_MTOKENS}, got ${show(price)}`,
  );
}

function readObject(value: unknown, place: string, keys: readonly string[]): JsonObject {
  if (!isJsonObject(value)) throw refusal(place, `expected an object, got ${show(value)}`);
  const unknownKey = Object.keys(value).find((key) => !keys.includes(key));
  if (unknownKey !== undefined) {
    throw refusal(place, `"${unknownKey.slice(0, 50)}" is not known, expected only ${keys.join(', ')}`);
  }
  return value;
}

function readText(row: JsonObject, key: string, place: string): string | undefined {
  const value = row[key];
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw refusal(place, `expected "${key}" to be text, got ${show(value)}`);
}

function readDay(row: JsonObject, key: string, place: string): string | undefined {
  const day = readText(row, key, place);
  if (day === undefined || isDay(day)) return day;
  throw refusal(place, `expected "${key}" to be a day such as 2026-12-31, got ${show(day)}`);
}

/** Date rolls the 31st of June over to July, so the day must survive the way there and back. */
function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** Two prices for one day would make the cost depend on the order of rows. */
function refuseOverlaps(rows: readonly PriceRow[]): void {
  const byModel = new Map<string, { row: PriceRow; place: number }[]>();
  for (const [index, row] of rows.entries()) {
    const earlier = byModel.get(row.model) ?? [];
    const other = earlier.find((candidate) => overlap(candidate.row, row));
    if (other !== undefined) {
      throw refusal(
        `row ${index + 1}`,
        `expected no day in common with row ${other.place}, which prices the same model`,
      );
    }
    earlier.push({ row, place: index + 1 });
    byModel.set(row.model, earlier);
  }
}

function overlap(left: PriceRow, right: PriceRow): boolean {
  return !endsBefore(left, right) && !endsBefore(right, left);
}

function endsBefore(left: PriceRow, right: PriceRow): boolean {
  return left.validUntil !== undefined && left.validUntil < right.validFrom;
}

function refusal(place: string, problem: string): GleanerError {
  return new GleanerError('price-table-invalid', `Cannot read the price table, ${place}: ${problem}`);
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 60);
}
