import type { IncomingHttpHeaders } from 'node:http';

/** Which consumption option serves a request, by the documented request-type headers. */
export function trafficType(headers: IncomingHttpHeaders): string {
  const type = headers['x-vertex-ai-llm-request-type'];
  const shared = headers['x-vertex-ai-llm-shared-request-type'];
  if (type === 'dedicated') return 'PROVISIONED_THROUGHPUT';
  if (shared === 'priority') return 'ON_DEMAND_PRIORITY';
  if (shared === 'flex') return 'ON_DEMAND_FLEX';
  return 'ON_DEMAND';
}
