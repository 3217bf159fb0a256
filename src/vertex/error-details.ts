import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';

/** What an error body says, whatever its shape: message and code, and Google's details where they are. */
export interface ErrorDetails {
  readonly message: string;
  /** Codes as the service words them, the best first; none is a bare number. */
  readonly codes: readonly JsonValue[];
  /** The status that the body names, which counts where the answer came as a success. */
  readonly status: JsonValue | undefined;
  /** google.rpc's details. */
  readonly details: readonly JsonObject[];
}

/**
 * Finds the error in a JSON body: google.rpc.Status, alone or in an array; OpenAI's and OAuth's `error`; `detail` of FastAPI and of
 * RFC 9457, as text or as a list of places; vLLM's error object without a wrapper. Undefined where there is none of these.
 */
export function readErrorDetails(value: unknown): ErrorDetails | undefined {
  const outer: unknown = Array.isArray(value) ? value.find(isJsonObject) : value;
  if (!isJsonObject(outer)) return undefined;
  const { error } = outer;
  if (isJsonObject(error)) return detailsOf(error, outer);
  if (typeof error === 'string') {
    const { error_description: description, error_type: type } = outer;
    return detailsOf({ message: description ?? outer['message'] ?? error, code: error, type: type ?? null }, outer);
  }
  if (typeof outer['detail'] === 'string' || Array.isArray(outer['detail'])) {
    return detailsOf({ ...outer, message: textOf(outer['detail']) }, outer);
  }
  const isError = outer['object'] === 'error' || (outer['choices'] === undefined && 'message' in outer);
  return isError && typeof outer['message'] === 'string' ? detailsOf(outer, outer) : undefined;
}

function detailsOf(error: JsonObject, outer: JsonObject): ErrorDetails {
  const { status, code, type, details } = error;
  return {
    message: textOf(error['message']).trim(),
    codes: [status, code, type].filter((one) => one !== undefined),
    // A status of Google's is a name; elsewhere the code is the number, also as text.
    status: typeof status === 'string' && !isNumber(code) ? status : (code ?? outer['code']),
    details: Array.isArray(details) ? details.filter(isJsonObject) : [],
  };
}

/** A text, or FastAPI's list of `{ loc, msg }`. */
function textOf(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return '';
  return (value as readonly JsonValue[])
    .slice(0, 10)
    .map((one) => {
      if (!isJsonObject(one)) return typeof one === 'string' ? one : '';
      const { loc, msg } = one;
      const place = Array.isArray(loc) ? loc.filter((part) => part !== 'body').join('.') : '';
      return [place, typeof msg === 'string' ? msg : ''].filter((part) => part !== '').join(': ');
    })
    .filter((text) => text !== '')
    .join('; ');
}

function isNumber(code: JsonValue | undefined): boolean {
  return typeof code === 'number' || (typeof code === 'string' && /^\d+$/.test(code));
}
