import type { Environment } from './settings/settings.ts';

/** Whether OpenTelemetry's own variables name a collector. */
export function isTraced(environment: Environment): boolean {
  if (environment['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return false;
  const endpoints = ['ENDPOINT', 'TRACES_ENDPOINT', 'METRICS_ENDPOINT'];
  return endpoints.some((name) => (environment[`OTEL_EXPORTER_OTLP_${name}`] ?? '') !== '');
}
