import { EMULATOR, isEmulatorName } from '../completion/service.ts';
import type { DefinitionIdentity } from '../extraction/definition-identity.ts';
import { GleanerError } from '../gleaner-error.ts';
import { isJsonObject, type JsonValue } from '../json/value.ts';
import type { Manifest } from '../store/manifest.ts';
import { isOfFormerService, serviceOfRun } from '../store/service-of-run.ts';

export interface IdentityParts {
  definition: Pick<DefinitionIdentity, 'parts' | 'functionsDigest'>;
  /** What the input tells of its contents before it is read. */
  input: JsonValue | undefined;
  format: string;
  delimiter: string | undefined;
  encoding?: string | undefined;
  fillShortRows?: boolean | undefined;
  /** The name of the service that answers. */
  service: string;
  /** Tells one state of the definition's code from another; what can be seen of its functions when absent. */
  code: string | undefined;
}

/**
 * What must be the same for a run to be continued, part by part, so that a refusal can say which part differs. What this
 * cannot see, such as a function that a prompt calls, or standard input, which has no digest before it is read, the fingerprint
 * of each answered record shows when the input is read again.
 */
export function runIdentity(parts: IdentityParts): Manifest['identity'] {
  const { definition, input, format, delimiter } = parts;
  return {
    ...definition.parts,
    format,
    delimiter: delimiter ?? null,
    // Named only where they are given, as they came later.
    ...(parts.encoding === undefined ? {} : { encoding: parts.encoding }),
    ...(parts.fillShortRows === true ? { fillShortRows: true } : {}),
    service: parts.service,
    code: parts.code ?? definition.functionsDigest(),
    input: input ?? 'standard input',
  };
}

/**
 * The identity of a run that is continued with a service. A directory from before services had names goes on as it is, with the
 * service that it was begun with.
 *
 * @throws {GleanerError} when the answers of another service stand in the directory, and those of this one may not join them
 */
export function adoptService(
  previous: Manifest,
  identity: Manifest['identity'],
  { out, mayChange }: { out: string; mayChange: boolean },
): Manifest['identity'] {
  const before = serviceOfRun(previous);
  const now = String(identity['service']);
  const isFormer = isOfFormerService(previous);
  const isEmulated = isEmulatorName(now);
  if (before === now || (before === undefined && !(isFormer && isEmulated))) {
    return isFormer ? { ...identity, service: previous.identity['service'] ?? null } : identity;
  }
  if (mayChange && !isFormer && isEmulated === isEmulatorName(before)) return identity;
  throw new GleanerError(
    'service-differs',
    `Cannot continue the run in ${out}: ${describePart('service', before ?? 'a service', now)}. Use another directory`,
    { facts: { advice: 'out' } },
  );
}

const DEFINED_PARTS: ReadonlySet<string> = new Set([
  'instructions',
  'prompt',
  'schema',
  'request',
  'id',
  'extraction',
  'examples',
]);

/** Sentence parts naming what differs, such as `the model is "b" now, was "a"`. */
export function describeDifferences(
  parts: readonly string[],
  before: Manifest['identity'],
  now: Manifest['identity'],
): string {
  // Whatever else changed in a definition, its code did too.
  const isExplained = parts.some((part) => DEFINED_PARTS.has(part));
  return parts
    .filter((part) => part !== 'code' || !isExplained)
    .map((part) => describePart(part, before[part] ?? null, now[part] ?? null))
    .join('; ');
}

function describePart(part: string, before: JsonValue, now: JsonValue): string {
  switch (part) {
    case 'instructions':
    case 'examples':
    case 'prompt':
    case 'schema':
      return `the ${part} of the definition changed`;
    case 'strategy':
      return `how records are read (samples, variants, cascade, chunk) is ${JSON.stringify(now)} now, was ${JSON.stringify(before)}`;
    case 'request':
      return `the request settings are ${JSON.stringify(now)} now, were ${JSON.stringify(before)}`;
    case 'service':
      return `its answers came from ${describeService(before)}, and would come from ${describeService(now)} now`;
    case 'code':
      return 'the code of the definition changed (its own file, or one that it imports)';
    case 'input':
      return describeInput(before, now);
    case 'id':
      return `ids are taken from ${describeId(now)} now, were taken from ${describeId(before)}`;
    default:
      return `the ${part} is ${JSON.stringify(now)} now, was ${JSON.stringify(before)}`;
  }
}

/** An input that is read in parts says which part it is. */
function describeInput(before: JsonValue, now: JsonValue): string {
  const isSame =
    isJsonObject(before) && isJsonObject(now) && before['sha256'] !== undefined && before['sha256'] === now['sha256'];
  if (!isSame) return 'the input has other contents';
  const [was, is] = [before, now].map(({ part }) => (part === undefined ? 'all of it' : JSON.stringify(part)));
  if (was !== is) return `the part of the input is ${is} now, was ${was}`;
  return 'the plan of the input is another one, with other chunks or ids';
}

function describeService(name: JsonValue): string {
  return name === EMULATOR ? 'the emulator' : String(name);
}

function describeId(id: JsonValue): string {
  if (id === null) return 'the row number';
  return typeof id === 'string' && id.startsWith('function ') ? 'a function' : `the column ${JSON.stringify(id)}`;
}
