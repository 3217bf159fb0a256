import type { ErrorFacts, GleanerError } from '../gleaner-error.ts';

/**
 * What the user of the command can do about a refusal: by the fact `advice` that it carries. The rooms below know no flags, so that
 * they name the fact only.
 */
const ADVICE: Readonly<Record<string, string>> = {
  'allow-http': 'that is --allow-http',
  auth: 'that is --auth',
  'auth-elsewhere': 'give --auth env:NAME, where NAME is the variable that holds it, or --auth none',
  'batch-media': 'that is --batch-media',
  cache: 'with --cache what was answered is not asked again',
  changes: 'give another --out directory, or --accept-changes',
  columns: 'columns are chosen by --columns',
  encoding: 'give its encoding, for example --encoding windows-1252, or convert it to UTF-8',
  'encoding-utf-16': 'or give --encoding utf-16le or utf-16be',
  format: 'give --format csv, tsv or jsonl',
  'format-or-extension':
    'give --format csv, tsv or jsonl, or a file ending in .csv, .tsv, .jsonl or .ndjson, each also with .gz',
  'json-lines': 'give --format jsonl',
  'json-lines-already': 'or give --format jsonl if it is so already',
  'native-schema': 'or ask without --batch, or with --batch-schema responseJsonSchema',
  'google-place': 'these are --model, --location and --endpoint',
  location: 'set --location or GOOGLE_CLOUD_LOCATION',
  login: 'a token is given with --auth env:NAME',
  model: 'or give one with --model',
  name: 'that is --name',
  out: 'give another --out directory',
  place: 'these are --model and --base-url',
  'pool-password': 'a password is given in the variable GLEANER_POOL_PASSWORD',
  'pool-status': 'gleaner status --pool with the address of their pool says how far they are',
  price: 'give --prices with a file of prices, or --max-total-tokens',
  project:
    'set --project or GOOGLE_CLOUD_PROJECT, or --base-url for another service; with --emulator it can be tried without any',
  'run-changes': 'that is gleaner run with --accept-changes',
  submitted:
    'gleaner submit with the same arguments says how far they are and goes on; for a run of its own, give another --out directory',
  token: 'give one with --auth env:NAME, where NAME is the variable that holds it',
};

/** What can be done where the command lacks a flag that the advice names: `eval` reads gold beside what its flags are about. */
const WITHOUT_FLAG: typeof ADVICE = {
  encoding: 'convert it to UTF-8',
  'encoding-utf-16': '',
  format: 'give a file whose name says what it is',
  'format-or-extension': 'name it so that it ends in .csv, .tsv, .jsonl or .ndjson, each also with .gz',
  'json-lines': 'name it so that it ends in .jsonl',
  'json-lines-already': 'or name it so that it ends in .jsonl if it is so already',
};

/** Whether the command that is refused has a flag. */
export type HasFlag = (name: string) => boolean;

/** A refusal's message with what can be done about it, in terms of the command line. */
export function withAdvice({ facts }: GleanerError, message: string, hasFlag?: HasFlag): string {
  const advice = adviceFor(facts, hasFlag);
  return advice === undefined ? message : `${message}; ${advice}`;
}

export function adviceFor({ advice }: ErrorFacts, hasFlag: HasFlag = () => true): string | undefined {
  if (typeof advice !== 'string' || !Object.hasOwn(ADVICE, advice)) return undefined;
  const given = ADVICE[advice];
  const isWithout = [...(given?.matchAll(/--([a-z-]+)/g) ?? [])].some(([, name = '']) => !hasFlag(name));
  return (isWithout ? (WITHOUT_FLAG[advice] ?? given) : given) || undefined;
}
