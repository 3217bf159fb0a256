import { GleanerError } from '../gleaner-error.ts';

export interface EndpointOptions {
  /** Everything before `/chat/completions`; the other options are not needed with it. */
  baseUrl?: string | undefined;
  project?: string | undefined;
  /** A region, `global`, or the multi-regions `us` and `eu`. */
  location?: string | undefined;
  /** `openapi` (the default) for Google's and partners' models, or the id of a self-deployed endpoint. */
  endpoint?: string | undefined;
  apiVersion?: string | undefined;
  /** Lets `baseUrl` be plain `http:` on another host, as within a cluster: whoever is in between reads everything. Default false. */
  allowHttp?: boolean | undefined;
}

/**
 * The URL that chat completions are posted to.
 *
 * @throws {GleanerError} for what is missing or malformed
 */
export function chatCompletionsUrl(options: EndpointOptions): URL {
  return options.baseUrl === undefined ? vertexUrl(options) : customUrl(options.baseUrl, options.allowHttp === true);
}

function vertexUrl({ project, location, endpoint = 'openapi', apiVersion = 'v1' }: EndpointOptions): URL {
  if (!project) {
    throw new GleanerError('option-invalid', 'Cannot address Vertex AI: no project given', {
      facts: { advice: 'project' },
    });
  }
  if (!location) {
    throw new GleanerError(
      'option-invalid',
      'Cannot address Vertex AI: no location given, such as global or us-central1',
      { facts: { advice: 'location' } },
    );
  }
  // Project ids, project numbers, and old domain-scoped ids such as example.com:reports.
  if (!/^(?:[a-z0-9][a-z0-9.-]*:)?[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(project)) {
    throw new GleanerError(
      'option-invalid',
      `Cannot address Vertex AI: project ${quote(project)} is no project id (lower-case letters, digits and hyphens) or project number`,
    );
  }
  if (/^[a-z]+-[a-z]+[0-9]+-[a-z]$/.test(location)) {
    throw new GleanerError(
      'option-invalid',
      `Cannot address Vertex AI: location ${quote(location)} is a zone; the region is ${quote(location.slice(0, -2))}`,
    );
  }
  if (!/^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(location)) {
    throw new GleanerError(
      'option-invalid',
      `Cannot address Vertex AI: location ${quote(location)} is no location; give a region such as us-central1, or global, us or eu`,
    );
  }
  if (!/^[A-Za-z0-9_-]{1,63}$/.test(endpoint)) {
    throw new GleanerError(
      'option-invalid',
      `Cannot address Vertex AI: endpoint ${quote(endpoint)} is no endpoint id; give only the last part of its resource name, or openapi`,
    );
  }
  if (apiVersion !== 'v1' && apiVersion !== 'v1beta1') {
    throw new GleanerError(
      'option-invalid',
      `Cannot address Vertex AI: API version ${quote(apiVersion)} is unknown; give v1 or v1beta1`,
    );
  }
  const path = `/${apiVersion}/projects/${project}/locations/${location}/endpoints/${endpoint}/chat/completions`;
  return new URL(path, `https://${vertexHost(location)}`);
}

/** Hosts as Google's "Examples" page and its JavaScript SDK name them; the wrong one answers 404. */
function vertexHost(location: string): string {
  switch (location) {
    case 'global':
      return 'aiplatform.googleapis.com';
    case 'us':
    case 'eu':
      return `aiplatform.${location}.rep.googleapis.com`;
    default:
      return `${location}-aiplatform.googleapis.com`;
  }
}

function customUrl(baseUrl: string, allowHttp: boolean): URL {
  const url = parseUrl(baseUrl.trim());
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.hostname === '') {
    throw new GleanerError(
      'option-invalid',
      `Cannot use base URL ${shown(baseUrl)}: it must be a complete URL such as https://host/path`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new GleanerError(
      'option-invalid',
      `Cannot use base URL ${shown(baseUrl)}: it holds a user name or password; give a token apart from it`,
      { facts: { advice: 'token' } },
    );
  }
  if (url.search !== '' || url.hash !== '' || /[?#]/.test(baseUrl)) {
    throw new GleanerError(
      'option-invalid',
      `Cannot use base URL ${shown(baseUrl)}: it must end before any ? or #; give a token apart from it`,
      { facts: { advice: 'token' } },
    );
  }
  if (url.protocol === 'http:' && !allowHttp && !isLoopback(url.hostname)) {
    throw new GleanerError(
      'option-invalid',
      `Cannot use base URL ${shown(baseUrl)}: http: is for this machine only (localhost, 127.0.0.1, [::1]); use https:, or allow plain http inside a network that you trust`,
      { facts: { advice: 'allow-http' } },
    );
  }
  const base = url.pathname.replace(/\/+$/, '');
  url.pathname = base.endsWith('/chat/completions') ? base : `${base}/chat/completions`;
  return url;
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** URL has already brought every spelling of an IPv4 address into dotted form. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** For messages: without what may be secret in a URL. */
function shown(baseUrl: string): string {
  return quote(baseUrl.replace(/[?#].*$/s, '').replace(/^([^/]*\/\/)?[^/]*@/, '$1'));
}

function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
