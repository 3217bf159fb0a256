import type { JsonObject } from '../../json/value.ts';

/** An error as the service words it: google.rpc.Status, before it is put into one of the body forms. */
export interface GoogleError {
  code: number;
  /** A name of google.rpc.Code, such as `INVALID_ARGUMENT`. */
  status: string;
  message: string;
  details?: readonly JsonObject[];
}

/**
 * The forms error bodies come in: the chat route wraps the object in an array of one, Google's front end sends a plain object
 * or HTML, and some bodies are empty.
 */
export type ErrorForm = 'array' | 'object' | 'html' | 'empty';

export interface ErrorBody {
  contentType: string | undefined;
  text: string;
}

export function errorBody(error: GoogleError, form: ErrorForm): ErrorBody {
  switch (form) {
    case 'array':
      return { contentType: JSON_CONTENT_TYPE, text: JSON.stringify([{ error: ordered(error) }], null, 2) };
    case 'object':
      return { contentType: JSON_CONTENT_TYPE, text: JSON.stringify({ error: ordered(error) }, null, 2) };
    case 'html':
      return { contentType: 'text/html; charset=UTF-8', text: errorPage(error) };
    case 'empty':
      return { contentType: undefined, text: '' };
    default:
      return form satisfies never;
  }
}

export const JSON_CONTENT_TYPE = 'application/json; charset=UTF-8';

function ordered({ code, message, status, details }: GoogleError): GoogleError {
  return { code, message, status, ...(details === undefined ? {} : { details }) };
}

/** The look of Google's own error page, such as "Error 404 (Not Found)!!1". */
function errorPage({ code, message }: GoogleError): string {
  const reason = REASONS.get(code) ?? 'Error';
  return `<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <title>Error ${code} (${reason})!!1</title>
  <p><b>${code}.</b> <ins>That’s an error.</ins>
  <p>${escapeHtml(message)}  <ins>That’s all we know.</ins>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

const REASONS: ReadonlyMap<number, string> = new Map([
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [408, 'Request Timeout'],
  [413, 'Request Entity Too Large'],
  [429, 'Too Many Requests'],
  [499, 'Client Closed Request'],
  [500, 'Server Error'],
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
  [504, 'Gateway Timeout'],
]);

export function invalidArgument(message: string): GoogleError {
  return { code: 400, status: 'INVALID_ARGUMENT', message };
}

/** As sent by Google APIs when a request carries no credentials at all. */
export function credentialsMissing(): GoogleError {
  return {
    code: 401,
    status: 'UNAUTHENTICATED',
    message:
      'Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid ' +
      'authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'CREDENTIALS_MISSING',
        domain: 'googleapis.com',
        metadata: {
          method: 'google.cloud.aiplatform.v1.PredictionService.ChatCompletions',
          service: 'aiplatform.googleapis.com',
        },
      },
    ],
  };
}

/** For a token that means nothing, or no longer anything. */
export function credentialsInvalid(isExpired: boolean): GoogleError {
  const error: GoogleError = {
    code: 401,
    status: 'UNAUTHENTICATED',
    message:
      'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid ' +
      'authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
  };
  if (!isExpired) return error;
  const metadata = { service: 'aiplatform.googleapis.com' };
  const info = { reason: 'ACCESS_TOKEN_EXPIRED', domain: 'googleapis.com', metadata };
  return { ...error, details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', ...info }] };
}

export function permissionDenied(project = 'P', location = 'global', endpoint = 'openapi'): GoogleError {
  return {
    code: 403,
    status: 'PERMISSION_DENIED',
    message:
      "Permission 'aiplatform.endpoints.predict' denied on resource " +
      `'//aiplatform.googleapis.com/projects/${project}/locations/${location}/endpoints/${endpoint}' (or it may not exist).`,
  };
}

export function unknownPath(path: string): GoogleError {
  return { code: 404, status: 'NOT_FOUND', message: `The requested URL ${path} was not found on this server.` };
}

export function unknownModel(project: string, location: string, model: string): GoogleError {
  const [publisher = '', ...id] = model.split('/');
  const name = `projects/${project}/locations/${location}/publishers/${publisher}/models/${id.join('/')}`;
  return {
    code: 404,
    status: 'NOT_FOUND',
    message:
      `Publisher Model \`${name}\` was not found or your project does not have access to it. Please ensure you are using a ` +
      'valid model version. For more information, see: https://cloud.google.com/vertex-ai/generative-ai/docs/learn/model-versions',
  };
}

/** The usual 429 of shared capacity; it has no details and no Retry-After. */
export function resourceExhausted(details?: readonly JsonObject[]): GoogleError {
  return {
    code: 429,
    status: 'RESOURCE_EXHAUSTED',
    message:
      'Resource exhausted. Please try again later. Please refer to ' +
      'https://cloud.google.com/vertex-ai/generative-ai/docs/error-code-429 for more details.',
    ...(details === undefined ? {} : { details }),
  };
}

export function dailyQuotaExceeded(model: string): GoogleError {
  const metric = 'aiplatform.googleapis.com/generate_content_requests_per_day_per_project_per_base_model';
  const baseModel = model.slice(model.indexOf('/') + 1);
  return {
    code: 429,
    status: 'RESOURCE_EXHAUSTED',
    message:
      `Quota exceeded for ${metric} with base model: ${baseModel}. Please submit a quota increase request. ` +
      'https://cloud.google.com/vertex-ai/docs/generative-ai/quotas-genai.',
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
        violations: [
          {
            quotaMetric: metric,
            quotaId: 'GenerateContentRequestsPerDayPerProjectPerBaseModel',
            quotaDimensions: { base_model: baseModel },
            quotaValue: '10000',
          },
        ],
      },
    ],
  };
}

export function retryInfo(delaySeconds: number): JsonObject {
  return { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${delaySeconds}s` };
}
