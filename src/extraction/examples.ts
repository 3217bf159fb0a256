import type { AssistantMessage, UserMessage } from '../completion/request.ts';
import { GleanerError } from '../gleaner-error.ts';
import { toPlainJson } from '../json/to-plain-json.ts';
import type { RecordFields } from '../records/record.ts';
import type { ValidationResult, ZodSchema } from '../schema/zod-schema.ts';
import type { Extraction } from './definition.ts';
import { kindOfValue, refuseUnknownKeys } from './option-checks.ts';

const MAX_NAMED_ISSUES = 3;

/**
 * Checks the examples of a definition, their answers by its schema. What a schema decides later, by checks that are asynchronous, the
 * returned promise tells.
 *
 * @throws {GleanerError} naming the example that is wrong
 */
export function checkExamples(subject: string, given: unknown, schema: ZodSchema): Promise<void> | undefined {
  if (given === undefined) return undefined;
  if (!Array.isArray(given)) refuse(subject, 'examples', 'must be a list of { record, answer }', kindOfValue(given));
  const waiting: Promise<void>[] = [];
  for (const [position, example] of (given as readonly unknown[]).entries()) {
    const place = `examples[${position}]`;
    if (!isObject(example)) refuse(subject, place, 'must be an object with record and answer', kindOfValue(example));
    refuseUnknownKeys(subject, example, ['record', 'answer'], `${place}.`);
    const { record, answer } = example as { record?: unknown; answer?: unknown };
    if (!isObject(record)) refuse(subject, `${place}.record`, 'must be the fields of a record', kindOfValue(record));
    if (!isObject(answer)) refuse(subject, `${place}.answer`, 'must be the right answer for it', kindOfValue(answer));
    const plain = toPlainJson(answer);
    if ('problem' in plain)
      refuse(subject, `${place}.answer`, 'must be JSON', `${plain.problem} at ${plain.path || 'the top'}`);
    const checked = schema['~standard'].validate(plain.value);
    if (checked instanceof Promise) waiting.push(checked.then((late) => refuseWrong(subject, place, late)));
    else refuseWrong(subject, place, checked);
  }
  return waiting.length === 0 ? undefined : Promise.all(waiting).then(() => undefined);
}

function refuseWrong(subject: string, place: string, { issues }: ValidationResult<unknown>): void {
  if (issues === undefined) return;
  const named = issues.slice(0, MAX_NAMED_ISSUES).map(({ path = [], message }) => {
    const where = path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.');
    return where === '' ? message : `${where}: ${message}`;
  });
  if (issues.length > named.length) named.push(`and ${issues.length - named.length} more`);
  throw new GleanerError(
    'definition-invalid',
    `Cannot define ${subject}: the schema refuses "${place}.answer": ${named.join('; ')}`,
  );
}

/**
 * Makes the turns that show a definition's examples: what would be asked, and the answer that is right. Made once, and the same in
 * every request, so that the service can take them from its cache.
 *
 * @throws {GleanerError} when the prompt does not fit an example's record
 */
export function exampleTurns(
  { name, examples = [] }: Pick<Extraction, 'name' | 'examples'>,
  ask: (record: RecordFields) => UserMessage | { message: string },
): (UserMessage | AssistantMessage)[] {
  return examples.flatMap(({ record, answer }, position) => {
    const question = ask(record as RecordFields);
    if ('role' in question) return [question, { role: 'assistant' as const, content: JSON.stringify(answer) }];
    throw new GleanerError(
      'definition-invalid',
      `Cannot show examples[${position}] of the extraction ${name} to a model: ${question.message}`,
    );
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(subject: string, option: string, right: string, got: string): never {
  throw new GleanerError('definition-invalid', `Cannot define ${subject}: "${option}" ${right}, got ${got}`);
}
