import type { ErrorForm, GoogleError } from './google-error.ts';
import { credentialsInvalid, invalidArgument, permissionDenied, resourceExhausted } from './google-error.ts';

/** Error statuses the service, or something on the way to it, answers with. */
export type ErrorStatus = 400 | 401 | 403 | 404 | 408 | 413 | 429 | 499 | 500 | 502 | 503 | 504;

/** An error status with one of the body forms, such as `status-503-array` or `status-502-html`. */
export type StatusFault = `status-${ErrorStatus}-${ErrorForm}`;

/** Errors that tell how long to wait, or that waiting a minute will not help. */
export type QuotaFault = 'retry-after' | 'retry-info' | 'daily-quota';

/** The connection misbehaves before an answer starts: nothing is generated, nothing is billed. */
export type SilenceFault = 'reset' | 'stall';

/** The answer is made, and billed, but its delivery goes wrong. */
export type DeliveryFault =
  | 'reset-mid-body'
  | 'stall-mid-body'
  | 'truncated-body'
  | 'wrong-content-length'
  | 'empty-body'
  | 'html-body'
  | 'slow-drip';

/** The answer arrives, but is not what was asked for. */
export type AnswerFault =
  | 'no-choices'
  | 'no-message'
  | 'empty-content'
  | 'array-content'
  | 'invalid-json'
  | 'fenced-json'
  | 'json-in-prose'
  | 'schema-violation'
  | 'length'
  | 'length-loop'
  | 'length-whitespace'
  | 'thinking-ate-cap'
  | 'content-filter'
  | 'content-filter-null-content'
  | 'refusal'
  | 'odd-finish-reason'
  | 'missing-usage';

/** Everything the emulator can do wrong on purpose. */
export type FaultKind = StatusFault | QuotaFault | SilenceFault | DeliveryFault | AnswerFault;

/** What a fault does, sorted by where it strikes. */
export type FaultEffect =
  | { type: 'error'; status: ErrorStatus; form: ErrorForm }
  | { type: 'quota'; how: QuotaFault }
  | { type: 'silence'; how: SilenceFault }
  | { type: 'delivery'; how: DeliveryFault }
  | { type: 'answer'; how: AnswerFault };

const ERROR_FORMS: readonly ErrorForm[] = ['array', 'object', 'html', 'empty'];
const QUOTA_FAULTS: readonly QuotaFault[] = ['retry-after', 'retry-info', 'daily-quota'];
const SILENCE_FAULTS: readonly SilenceFault[] = ['reset', 'stall'];
const DELIVERY_FAULTS: readonly DeliveryFault[] = [
  'reset-mid-body',
  'stall-mid-body',
  'truncated-body',
  'wrong-content-length',
  'empty-body',
  'html-body',
  'slow-drip',
];
const ANSWER_FAULTS: readonly AnswerFault[] = [
  'no-choices',
  'no-message',
  'empty-content',
  'array-content',
  'invalid-json',
  'fenced-json',
  'json-in-prose',
  'schema-violation',
  'length',
  'length-loop',
  'length-whitespace',
  'thinking-ate-cap',
  'content-filter',
  'content-filter-null-content',
  'refusal',
  'odd-finish-reason',
  'missing-usage',
];

/** Codes as in "API errors" of Vertex AI's documentation; messages as seen in the wild. */
const statusErrors: Readonly<Record<ErrorStatus, GoogleError>> = {
  400: invalidArgument('Request contains an invalid argument.'),
  401: credentialsInvalid(true),
  403: permissionDenied(),
  404: { code: 404, status: 'NOT_FOUND', message: 'Requested entity was not found.' },
  408: { code: 408, status: 'DEADLINE_EXCEEDED', message: 'Your client took too long to issue its request.' },
  413: { code: 413, status: 'INVALID_ARGUMENT', message: 'Your client issued a request that was too large.' },
  429: resourceExhausted(),
  499: { code: 499, status: 'CANCELLED', message: 'The operation was cancelled.' },
  500: { code: 500, status: 'INTERNAL', message: 'Internal error encountered.' },
  502: {
    code: 502,
    status: 'UNAVAILABLE',
    message: 'The server encountered a temporary error and could not complete your request.',
  },
  503: { code: 503, status: 'UNAVAILABLE', message: 'The model is overloaded. Please try again later.' },
  504: { code: 504, status: 'DEADLINE_EXCEEDED', message: 'Deadline expired before operation could complete.' },
};

export function statusError(status: ErrorStatus): GoogleError {
  return statusErrors[status];
}

const effects = buildEffects();

/** Every fault kind, in the order of the documentation. */
export const faultKinds: readonly FaultKind[] = [...effects.keys()];

/**
 * The mix that a fault rate draws from when no kinds are named: what a client should survive without losing a record.
 * Left out are the errors that rightly end a run (400, 401, 403, 404, 413, daily quota) and the stalls, whose cost is the
 * client's own timeout.
 */
export const defaultFaultMix: readonly FaultKind[] = faultKinds.filter(
  (kind) => !/^status-(?:400|401|403|404|413|499)-/.test(kind) && !kind.startsWith('stall') && kind !== 'daily-quota',
);

export function isFaultKind(kind: string): kind is FaultKind {
  return effects.has(kind as FaultKind);
}

export function faultEffect(kind: FaultKind): FaultEffect {
  const effect = effects.get(kind);
  if (effect === undefined) throw new RangeError(`Cannot emulate fault "${kind}": see faultKinds for the known kinds`);
  return effect;
}

function buildEffects(): ReadonlyMap<FaultKind, FaultEffect> {
  const map = new Map<FaultKind, FaultEffect>();
  for (const error of Object.values(statusErrors)) {
    const status = error.code as ErrorStatus;
    for (const form of ERROR_FORMS) map.set(`status-${status}-${form}`, { type: 'error', status, form });
  }
  for (const how of QUOTA_FAULTS) map.set(how, { type: 'quota', how });
  for (const how of SILENCE_FAULTS) map.set(how, { type: 'silence', how });
  for (const how of DELIVERY_FAULTS) map.set(how, { type: 'delivery', how });
  for (const how of ANSWER_FAULTS) map.set(how, { type: 'answer', how });
  return map;
}
