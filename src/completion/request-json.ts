import type { ChatMessage, ChatRequest } from './request.ts';

/** Key of a request under which its maker says how parts of it are written; being a symbol, it never goes over the wire. */
export const KNOWN_JSON = Symbol('knownJson');

/** How parts of a request are written as JSON, for a maker of many requests that share them. */
export interface KnownJson {
  /** Members besides model and messages, which nobody changes any more, and their JSON. */
  readonly shared: object;
  readonly sharedJson: string;
  readonly messages?: readonly ChatMessage[];
  readonly messagesJson?: string;
}

/** Writes the members that requests share once for all of them. */
export function knownJson(shared: object): KnownJson {
  return { shared, sharedJson: JSON.stringify(shared) };
}

/** Writes a request as JSON.stringify does. What it says of its JSON counts for the members that are still the same ones. */
export function requestJson(request: ChatRequest): string {
  const known = request[KNOWN_JSON] as KnownJson | undefined;
  if (known === undefined || !isMadeOf(request, known)) return JSON.stringify(request);
  const { model, messages } = request;
  const messagesJson = messages === known.messages ? known.messagesJson : undefined;
  const head = model === undefined ? '{' : `{"model":${JSON.stringify(model)},`;
  const rest = known.sharedJson === '{}' ? '}' : `,${known.sharedJson.slice(1)}`;
  return `${head}"messages":${messagesJson ?? JSON.stringify(messages)}${rest}`;
}

/** Whether a request has the shared members and, besides, model and messages. */
function isMadeOf(request: ChatRequest, { shared }: KnownJson): boolean {
  let others = 0;
  for (const name in request) {
    if (name === 'model' || name === 'messages') continue;
    if (request[name as keyof ChatRequest] !== (shared as ChatRequest)[name as keyof ChatRequest]) return false;
    others += 1;
  }
  for (const _ in shared) others -= 1;
  return others === 0;
}
