import type { TableField } from '../bigquery/table-facts.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';

/** In the order in which they are wanted: a key that stands ahead is found without parsing the line. */
const TEXTS = ['key', 'status'] as const;
const OBJECTS = ['request', 'response'] as const;

/** A row of a job's output as a line of a file has it. Columns are known by their names, and what they hold may be JSON or its text. */
export function lineOfRow(row: JsonObject, fields: readonly TableField[]): string {
  const { f } = row;
  const cells = Array.isArray(f) ? (f as readonly JsonValue[]) : [];
  const cellOf = (name: string): { text: string; type: string } | undefined => {
    const place = fields.findIndex((field) => field.name.toLowerCase() === name);
    const cell = cells[place];
    const text = isJsonObject(cell) ? cell['v'] : undefined;
    return typeof text === 'string' ? { text, type: fields[place]?.type ?? '' } : undefined;
  };
  const members: string[] = [];
  for (const name of TEXTS) {
    const cell = cellOf(name);
    if (cell !== undefined) members.push(`"${name}":${JSON.stringify(cell.text)}`);
  }
  for (const name of OBJECTS) members.push(`"${name}":${jsonOf(cellOf(name))}`);
  return `{${members.join(',')}}\n`;
}

function jsonOf(cell: { text: string; type: string } | undefined): string {
  if (cell === undefined || cell.text === '') return '{}';
  const { text, type } = cell;
  // The service has read it, and writes it in one line.
  if (type === 'JSON' && !/[\r\n]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return JSON.stringify(text);
  }
}
