import { createPrivateKey } from 'node:crypto';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { CREDENTIAL_TYPES, credentialField, credentialType } from './credential-types.ts';

const SOURCES = ['file', 'url', 'executable', 'certificate', 'environment_id'];
/** Of these the library takes one. */
const SOURCES_OF_ONE = ['file', 'url', 'certificate'];
const SOURCE_URLS = ['url', 'region_url', 'imdsv2_session_token_url', 'regional_cred_verification_url'];

/**
 * Why no token that Vertex AI takes can come of a credential file with these contents. Only what is certain: whatever else is wrong
 * the library or the token service says.
 */
export async function credentialProblem(
  value: JsonObject,
  searchPath: string | undefined,
): Promise<string | undefined> {
  const wrongType = typeProblem(value);
  if (wrongType !== undefined) return wrongType;
  const universe = credentialField(value, 'universe_domain');
  if (universe !== undefined && universe !== 'googleapis.com') {
    return 'its "universe_domain" is another cloud than googleapis.com, whose services gleaner calls';
  }
  const { texts = [], objects = [] } = credentialType(value) ?? {};
  for (const name of texts) {
    const field = credentialField(value, name);
    if (typeof field !== 'string' || field === '') return `it has no "${name}"; make or download it again`;
  }
  for (const name of objects) {
    if (!isJsonObject(credentialField(value, name))) return `it has no "${name}"; make it again`;
  }
  if (value['type'] === 'service_account') return keyProblem(String(value['private_key']));
  const wrongUrl = urlProblem(value, ['token_url', 'service_account_impersonation_url']);
  if (wrongUrl !== undefined) return `its ${wrongUrl}`;
  const within = value['source_credentials'];
  if (isJsonObject(within)) {
    const problem = await credentialProblem(within, searchPath);
    return problem === undefined ? undefined : `in its "source_credentials": ${problem}`;
  }
  const source = credentialField(value, 'credential_source');
  return isJsonObject(source) ? sourceProblem(source, searchPath) : undefined;
}

function typeProblem(value: JsonObject): string | undefined {
  const { type } = value;
  if (credentialType(value) !== undefined) return undefined;
  if (type === 'gdch_service_account') {
    return 'it is for Google Distributed Cloud, whose tokens Vertex AI does not take';
  }
  if (typeof type === 'string') {
    // A misspelt type is worth showing; anything else might be a secret in the wrong place.
    const found = /^[a-z_]{1,40}$/.test(type) ? JSON.stringify(type) : 'not a name';
    const names = CREDENTIAL_TYPES.map((known) => known.type).join(', ');
    return `its "type" is ${found}, and must be one of ${names}`;
  }
  const isClient = isJsonObject(value['installed']) || isJsonObject(value['web']);
  return isClient
    ? 'it is the client of an OAuth app, with which somebody can sign in, and no credentials; give it to gcloud auth application-default login as its client id file'
    : 'it has no "type"; make it with gcloud auth application-default login, or download a key of a service account';
}

/** A key that went through an environment variable or a secret store often has lost its line ends. */
function keyProblem(key: string): string | undefined {
  if (!key.includes('-----BEGIN'))
    return 'its "private_key" is no PEM key, which begins with -----BEGIN; download the key again';
  if (!key.includes('\n')) {
    return key.includes(String.raw`\n`)
      ? String.raw`its "private_key" has \n as two characters where line ends belong, as after a way through an environment variable; put real line ends there (in JSON: a single backslash)`
      : 'its "private_key" has no line ends; download the key again';
  }
  if (key.includes('ENCRYPTED')) return 'its "private_key" is locked with a passphrase, which nobody gives';
  try {
    const { asymmetricKeyType } = createPrivateKey(key);
    return asymmetricKeyType === 'rsa' ? undefined : 'its "private_key" is no RSA key, as all of Google\'s are';
  } catch {
    return 'its "private_key" is broken (cut off, or changed on its way?); download the key again';
  }
}

/** The library asks whatever stands there, and takes the failure of that for the answer of the token service. */
function urlProblem(value: JsonObject, names: readonly string[]): string | undefined {
  for (const name of names) {
    const url = credentialField(value, name);
    if (typeof url === 'string' && !URL.canParse(url.replaceAll('{region}', 'r'))) return `"${name}" is no URL`;
  }
  return undefined;
}

async function sourceProblem(source: JsonObject, searchPath: string | undefined): Promise<string | undefined> {
  const has = (name: string): boolean => credentialField(source, name) !== undefined;
  if (!SOURCES.some(has)) {
    return `its "credential_source" is none that is known: it must have one of ${SOURCES.join(', ')}`;
  }
  const wrongUrl = urlProblem(source, SOURCE_URLS);
  if (wrongUrl !== undefined) return `in its "credential_source": ${wrongUrl}`;
  if (has('environment_id')) return awsProblem(source);
  const named = SOURCES_OF_ONE.filter(has);
  if (named.length > 1) return `its "credential_source" has ${named.join(' and ')}, and must have one of them`;
  if (has('certificate')) return certificateProblem(credentialField(source, 'certificate'));
  const executable = credentialField(source, 'executable');
  const command = isJsonObject(executable) ? executable['command'] : undefined;
  if (typeof command !== 'string') return undefined;
  // The library does not listen for the failure of a start, which would then end the whole process.
  const program = /(?:[^\s"]+|"[^"]*")+/.exec(command)?.[0].replace(/^"(.*)"$/, '$1') ?? '';
  if (await canRun(program, searchPath)) return undefined;
  return 'the program that its "credential_source" names is not there, or may not be run';
}

function awsProblem(source: JsonObject): string | undefined {
  if (!/^aws\d+$/.test(String(credentialField(source, 'environment_id')))) {
    return 'the "environment_id" of its "credential_source" must be aws1';
  }
  return typeof credentialField(source, 'regional_cred_verification_url') === 'string'
    ? undefined
    : 'its "credential_source" has no "regional_cred_verification_url"; make it again';
}

/** What the library says of these it says in other names than stand in the file. */
function certificateProblem(certificate: JsonValue | undefined): string | undefined {
  const given = isJsonObject(certificate) ? certificate : {};
  const isDefault = credentialField(given, 'use_default_certificate_config') === true;
  const location = credentialField(given, 'certificate_config_location');
  return isDefault !== (typeof location === 'string' && location !== '')
    ? undefined
    : 'the "certificate" of its "credential_source" must have either "certificate_config_location" or "use_default_certificate_config": true';
}

async function canRun(program: string, searchPath: string | undefined): Promise<boolean> {
  if (program === '') return false;
  const isPath = /[\\/]/.test(program);
  // On Windows a name may lack its ending, and there is no right to execute.
  if (process.platform === 'win32' || (!isPath && searchPath === undefined)) return true;
  const places = isPath ? [program] : (searchPath ?? '').split(delimiter).map((folder) => join(folder, program));
  for (const place of places) {
    const isThere = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return true;
  }
  return false;
}
