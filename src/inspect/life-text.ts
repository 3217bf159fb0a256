import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { formatCount } from '../text/format.ts';
import type { InputRow } from './find-input-row.ts';
import type { RecordLife } from './inspect-record.ts';

const NOWHERE: Readonly<Partial<Record<RecordLife['state'], string>>> = {
  lost: ', as the line that held its end was taken away; bring the file back',
};

/** A record's life for people: its end, its calls, what was asked for and what came. */
export function lifeText(
  { id, state, place, entry, calls, labels }: RecordLife,
  row?: InputRow | { problem: string },
): string {
  const where = place === null ? (NOWHERE[state] ?? '') : `, ${place.file} line ${formatCount(place.line)}`;
  return [
    `${id}: ${state}${where}`,
    ...(row === undefined ? [] : [rowText(row)]),
    ...calls.map(callText),
    ...part('data', entry?.['data']),
    ...part('answer', entry?.['answer']),
    ...part('error', entry?.['error']),
    ...part('record', entry?.['record']),
    ...labels.map((label) => `--- corrected\n${JSON.stringify(label)}`),
  ].join('\n');
}

function rowText(row: InputRow | { problem: string }): string {
  if ('problem' in row) return `  input: not shown: ${row.problem}`;
  return `--- input, line ${formatCount(row.line)}\n${JSON.stringify(row.fields, null, 2)}`;
}

function callText(call: JsonObject): string {
  const { call: number, kind, status, outcome, code, latencyMs, at, tokens, model, content, thoughts } = call;
  const total = isJsonObject(tokens) ? `${formatCount(Number(tokens['total']))} tokens` : '';
  const facts = [
    `${text(kind)} at ${text(at)}`,
    status === null ? 'no response' : `status ${text(status)}`,
    code === undefined ? text(outcome) : `${text(outcome)} (${text(code)})`,
    total,
    latencyMs === undefined ? '' : `${text(latencyMs)} ms`,
    text(model),
  ];
  const line = `  call ${text(number)}: ${facts.filter((fact) => fact !== '').join(', ')}`;
  return [line, ...part('thoughts', thoughts), ...part('content', content)].join('\n');
}

/** Calls keep what was answered only with `--log-content`. */
function part(name: string, value: JsonValue | undefined): string[] {
  if (value === undefined) return [];
  return [`--- ${name}\n${typeof value === 'string' ? value : JSON.stringify(value, null, 2)}`];
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
