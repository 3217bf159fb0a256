import { parseJson } from '../../json/parse-json.ts';
import { addUsage, zeroUsage, type TokenUsage } from '../../completion/usage.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import type { Reply } from '../service/reply.ts';
import { fraction } from '../answers/random.ts';
import type { JobFaults } from './batch-faults.ts';
import { readNativeRequest } from './read-native-request.ts';
import { writeNativeResponse } from './write-native-response.ts';

export interface JobWork {
  /** The input file. */
  input: string;
  model: string;
  /** Share of the lines that were worked on before the end. */
  share: number;
  faults: JobFaults;
  seed: number;
  now: number;
  answer(body: JsonObject): Reply;
}

export interface JobOutput {
  lines: string[];
  successes: number;
  failures: number;
  /** Lines that were not come to. */
  rest: number;
  /** What the lines are billed. */
  bill: TokenUsage;
  billed: number;
}

/** Works through the lines of a job: out come lines in another order, with the request echoed in another form. */
export function workThrough(work: JobWork): JobOutput {
  const { input, share, faults, seed } = work;
  const requests = input.split('\n').filter((line) => line.trim() !== '');
  const done = Math.floor(requests.length * share);
  const output: JobOutput = {
    lines: [],
    successes: 0,
    failures: 0,
    rest: requests.length - done,
    bill: zeroUsage,
    billed: 0,
  };
  const charge = (usage: TokenUsage | undefined): void => {
    if (usage === undefined) return;
    output.bill = addUsage(output.bill, usage);
    output.billed += 1;
  };
  for (const [place, text] of requests.slice(0, done).entries()) {
    if (faults.strikes('missing-line', place)) continue;
    const { line, usage } = answerLine(text, place, work);
    charge(usage);
    if (usage === undefined) output.failures += 1;
    else output.successes += 1;
    output.lines.push(line);
    if (faults.strikes('repeated-line', place)) output.lines.push(line);
    if (place === 0 && faults.has('foreign-line')) {
      output.lines.push(line.replace(/"key":"\d+"/, '"key":"9999999999"').replace(/"text":"/g, '"text":"other '));
      charge(usage);
    }
  }
  // A fixed order of their own: every line has its draw.
  const order = new Map(output.lines.map((line, place) => [line, fraction(seed, place, 0, 11)]));
  output.lines.sort((left, right) => (order.get(left) ?? 0) - (order.get(right) ?? 0));
  return output;
}

function answerLine(text: string, place: number, work: JobWork): { line: string; usage: TokenUsage | undefined } {
  const { faults, model, now, answer } = work;
  const sent = parseJson(text);
  const { request, ...others } = isJsonObject(sent) ? sent : {};
  const echoed = isJsonObject(request) ? echo(request) : {};
  const beside = faults.strikes('key-dropped', place) ? {} : others;
  const processed = new Date(now).toISOString().replace('Z', '+00:00');
  const failed = (status: string): { line: string; usage: undefined } => ({
    line: JSON.stringify({ ...beside, status, processed_time: processed, request: echoed, response: {} }),
    usage: undefined,
  });
  if (!isJsonObject(request))
    return failed('Bad Request: {"error": {"code": 400, "message": "No request.", "status": "INVALID_ARGUMENT"}}');
  if (faults.strikes('failed-line', place)) {
    return failed(
      'Too Many Requests: {"error": {"code": 429, "message": "Resource exhausted.", "status": "RESOURCE_EXHAUSTED"}}',
    );
  }
  const { status, body, usage } = answer(readNativeRequest(request, model));
  const value = parseJson(body);
  if (status !== 200 || !isJsonObject(value)) return failed(statusText(status, body));
  const response = writeNativeResponse(value, { hasTrafficType: !faults.has('no-traffic-type') });
  const config = isJsonObject(request['generationConfig']) ? request['generationConfig'] : {};
  const isDegenerate = faults.has('degenerate-json-schema') && config['responseJsonSchema'] !== undefined;
  const line = JSON.stringify({
    ...beside,
    status: '',
    processed_time: processed,
    request: echoed,
    response: isDegenerate ? degenerate(response) : response,
  });
  return { line, usage };
}

/** As the service echoes: keys in another order, nulls beside what is there. */
function echo(request: JsonObject): JsonObject {
  const entries = Object.entries(request).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      name === 'contents' && Array.isArray(value) ? (value as readonly JsonValue[]).map(echoContent) : value,
    ]),
  );
}

function echoContent(content: JsonValue): JsonValue {
  if (!isJsonObject(content) || !Array.isArray(content['parts'])) return content;
  const parts = (content['parts'] as readonly JsonValue[]).map((part) =>
    isJsonObject(part) && 'text' in part ? { fileData: null, ...part } : part,
  );
  return { parts, role: content['role'] ?? 'user' };
}

/** What a batch service makes of a field that it passes over: text of no shape. */
function degenerate(response: JsonObject): JsonObject {
  const text = JSON.stringify({ answer: 'Here is the receipt you asked for.' });
  return { ...response, candidates: [{ content: { parts: [{ text }], role: 'model' }, finishReason: 'STOP' }] };
}

function statusText(status: number, body: string): string {
  const value = parseJson(body);
  const [first = value] = Array.isArray(value) ? (value as readonly JsonValue[]) : [];
  const phrase = status === 400 ? 'Bad Request' : status === 429 ? 'Too Many Requests' : 'Error';
  return `${phrase}: ${JSON.stringify(isJsonObject(first) ? first : { error: { code: status } })}`;
}
