import type { Evidence, EvidenceMatch } from '../../evidence/evidence.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { fieldOfPointer } from '../../json/pointer.ts';

/** What is known of a value without knowing whether it is right. */
export interface ValueSignals {
  /** Share of the answers to the same question that agree in it, from 0 to 1; undefined where it was asked for once. */
  agreement: number | undefined;
  /** The mean log probability of its tokens; undefined where no server told. */
  logprob: number | undefined;
  /** How it stands in the record's text; undefined where nobody looked, or it is of a kind that stands nowhere. */
  evidence: EvidenceMatch | undefined;
  /** Whether the answer was mended before it could be read. */
  isRepaired: boolean;
  /** Whether the value was read in another form than it was written in. */
  isCoerced: boolean;
  /** Whether it took more than one call. */
  isAskedAgain: boolean;
  kind: 'number' | 'boolean' | 'text';
}

/** The signals of the values of one result, by JSON pointer. */
export type SignalsOf = (path: string, value: JsonValue) => ValueSignals;

export function signalsOf(entry: JsonObject, evidence: readonly Evidence[] | undefined): SignalsOf {
  const matches = new Map(evidence?.map(({ path, match }) => [path, match]));
  const coerced = new Set(listOf(entry['coerced']).map(({ path }) => path));
  return (path, value) => ({
    agreement: agreementOf(entry['confidence'], path),
    logprob: logprobOf(entry['logprobs'], path),
    evidence: matches.get(path),
    isRepaired: entry['repaired'] !== undefined,
    isCoerced: coerced.has(path),
    isAskedAgain: Number(entry['attempts'] ?? 1) > 1,
    kind: typeof value === 'number' ? 'number' : typeof value === 'boolean' ? 'boolean' : 'text',
  });
}

/** A result tells its agreement for the whole, by pointer or field, or as a list of paths. */
function agreementOf(confidence: JsonValue | undefined, path: string): number | undefined {
  if (typeof confidence === 'number') return confidence;
  if (isJsonObject(confidence)) {
    const [, top = ''] = path.split('/');
    for (const name of [path, fieldOfPointer(path), `/${top}`, top]) {
      if (Object.hasOwn(confidence, name) && typeof confidence[name] === 'number') return confidence[name];
    }
    return undefined;
  }
  const given = listOf(confidence)
    .filter(({ path: about }) => typeof about === 'string' && (path === about || path.startsWith(`${about}/`)))
    .map(({ agreement, confidence: sure }) => agreement ?? sure);
  return given.find((value) => typeof value === 'number');
}

function logprobOf(logprobs: JsonValue | undefined, path: string): number | undefined {
  const logprob = isJsonObject(logprobs) && Object.hasOwn(logprobs, path) ? logprobs[path] : undefined;
  return typeof logprob === 'number' ? logprob : undefined;
}

function listOf(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]).filter(isJsonObject) : [];
}
