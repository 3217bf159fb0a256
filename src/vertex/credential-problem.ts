import { createPrivateKey } from 'node:crypto';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { isJsonObject, type JsonObject } from '../json/value.ts';
import { CREDENTIAL_TYPES, credentialField, credentialType } from './credential-types.ts';

const SOURCES = ['file', 'url', 'executable', 'certificate', 'environment_id'];

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
  const { private_key: key, token_url: tokenUrl } = value;
  if (value['type'] === 'service_account') return keyProblem(String(key));
  if (typeof tokenUrl === 'string' && !URL.canParse(tokenUrl)) return 'its "token_url" is no URL';
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

async function sourceProblem(source: JsonObject, searchPath: string | undefined): Promise<string | undefined> {
  if (!SOURCES.some((name) => credentialField(source, name) !== undefined)) {
    return `its "credential_source" is none that is known: it must have one of ${SOURCES.join(', ')}`;
  }
  const executable = credentialField(source, 'executable');
  const command = isJsonObject(executable) ? executable['command'] : undefined;
  if (typeof command !== 'string') return undefined;
  // The library does not listen for the failure of a start, which would then end the whole process.
  const program = /(?:[^\s"]+|"[^"]*")+/.exec(command)?.[0].replace(/^"(.*)"$/, '$1') ?? '';
  if (await canRun(program, searchPath)) return undefined;
  return 'the program that its "credential_source" names is not there, or may not be run';
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
