import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';

/** What a type of credential file needs, and where its tokens come from. */
export interface CredentialType {
  readonly type: string;
  readonly host: string;
  readonly isLogin: boolean;
  readonly texts: readonly string[];
  readonly objects: readonly string[];
}

const GOOGLE_TOKEN_HOST = 'oauth2.googleapis.com';

/** The types that Google's library reads and Vertex AI takes tokens of. */
export const CREDENTIAL_TYPES: readonly CredentialType[] = [
  {
    type: 'service_account',
    host: GOOGLE_TOKEN_HOST,
    isLogin: false,
    texts: ['client_email', 'private_key'],
    objects: [],
  },
  {
    type: 'authorized_user',
    host: GOOGLE_TOKEN_HOST,
    isLogin: true,
    texts: ['client_id', 'client_secret', 'refresh_token'],
    objects: [],
  },
  {
    type: 'external_account',
    host: 'sts.googleapis.com',
    isLogin: false,
    texts: ['audience', 'subject_token_type'],
    objects: ['credential_source'],
  },
  {
    type: 'external_account_authorized_user',
    host: 'sts.googleapis.com',
    isLogin: true,
    texts: ['client_id', 'client_secret', 'refresh_token'],
    objects: [],
  },
  {
    type: 'impersonated_service_account',
    host: 'iamcredentials.googleapis.com',
    isLogin: false,
    texts: ['service_account_impersonation_url'],
    objects: ['source_credentials'],
  },
];

/** The type that a file's contents name; with the host that they name, if any. Undefined for a type that is not known. */
export function credentialType(value: JsonObject): CredentialType | undefined {
  const known = CREDENTIAL_TYPES.find(({ type }) => type === value['type']);
  if (known === undefined) return undefined;
  const source = value['source_credentials'];
  const isLogin = known.isLogin || (isJsonObject(source) && credentialType(source)?.isLogin === true);
  const url = credentialField(value, 'token_url');
  const named = known.objects.includes('source_credentials') || typeof url !== 'string' || !URL.canParse(url);
  return { ...known, isLogin, host: named ? known.host : new URL(url).host };
}

/** The library takes each name in camel case, too. */
export function credentialField(value: JsonObject, name: string): JsonValue | undefined {
  return value[name] ?? value[name.replace(/_(\w)/g, (_all, letter: string) => letter.toUpperCase())];
}
