import { Validator } from '../evolution/engine/validate.ts';
import { CannotValidate, type Violation } from '../evolution/engine/validation/verdict.ts';
import { schemasAt } from '../evidence/value-leaves.ts';
import { valueAt } from '../json/at-pointer.ts';
import type { JsonObject, JsonValue } from '../json/value.ts';
import { applyLabels, type Label } from './label.ts';
import { findMisfit, typeName } from './value-types.ts';

/** What the schema refuses of a label. */
export interface LabelMisfit {
  /** JSON pointer to the value that does not fit, at the label's place, below it or above it. */
  path: string;
  /** What it must be, for people: `must be at least 0`. */
  needs: string;
}

/** Says whether what people say of a record is what the schema of the results takes. */
export class LabelJudge {
  readonly #schema: JsonObject | undefined;
  readonly #validator: Validator | undefined;

  /** Without a schema, as in runs of version 0.1, every label fits. */
  constructor(schema: JsonObject | undefined) {
    this.#schema = schema;
    this.#validator = schema && new Validator(schema, '2020-12');
  }

  /**
   * What is wrong with data once a label is put in. What the schema refused of it before is not the label's fault; where other labels come
   * with it, `before` has those, and `after` all of them.
   */
  misfit(
    before: JsonValue,
    { path, value }: Pick<Label, 'path' | 'value'>,
    after = applyLabels(before, [{ path, value }]),
  ): LabelMisfit | undefined {
    const schema = this.#schema;
    if (schema === undefined) return undefined;
    const isUnknown = valueAt(before, path) === undefined && schemasAt(schema, path).length === 0;
    if (isUnknown) return { path, needs: 'is no field of the schema' };
    const unfit = findMisfit(schema, value, path);
    if (unfit !== undefined) {
      const needed = unfit.types.length === 0 ? 'there' : unfit.types.map(typeName).join(' or ');
      return { path: unfit.path, needs: `must be ${needed}` };
    }
    const known = new Set(path === '' ? [] : this.#violations(before).map(textOf));
    const found = this.#violations(after).find((one) => !known.has(textOf(one)));
    if (found === undefined) return undefined;
    const inside = violationOfOnly(found, schema, valueAt(after, found.at) ?? null);
    return { path: inside.at, needs: needsOf(inside, schema) };
  }

  #violations(data: JsonValue): readonly Violation[] {
    try {
      return this.#validator?.violations(data) ?? [];
    } catch (error) {
      // Of a schema that makes no sense to the validator, the types are all that can be asked.
      if (error instanceof CannotValidate) return [];
      throw error;
    }
  }
}

function textOf({ at, keyword, message }: Violation): string {
  return JSON.stringify([at, keyword, message]);
}

/** Of a value that may be nothing or one other thing, what that one thing refuses. */
function violationOfOnly(found: Violation, schema: JsonObject, value: JsonValue): Violation {
  if (found.keyword !== 'anyOf' && found.keyword !== 'oneOf') return found;
  const [only, ...others] = schemasAt(schema, found.at).filter(
    ({ type, anyOf, oneOf, $ref }) =>
      type !== 'null' && anyOf === undefined && oneOf === undefined && $ref === undefined,
  );
  if (only === undefined || others.length > 0) return found;
  const [inside] = new Validator({ $defs: schema['$defs'] ?? {}, ...only }, '2020-12').violations(value);
  return inside === undefined ? found : { ...inside, at: found.at + inside.at };
}

const MOST_CHOICES = 12;
const OF_CHOICES: ReadonlySet<string> = new Set(['enum', 'const']);

/** The choices of a closed set and the pattern are named: nobody who reviews has the schema at hand. */
function needsOf({ at, keyword, message }: Violation, schema: JsonObject): string {
  const schemas = schemasAt(schema, at);
  if (OF_CHOICES.has(keyword)) {
    const choices = schemas.flatMap(({ enum: members, const: only }) =>
      Array.isArray(members) ? (members as JsonValue[]) : only === undefined ? [] : [only],
    );
    if (choices.length > 0 && choices.length <= MOST_CHOICES)
      return `must be one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`;
  }
  const pattern = schemas.find((one) => typeof one['pattern'] === 'string');
  if (keyword !== 'pattern' || pattern === undefined) return message;
  const { format } = pattern;
  return typeof format === 'string' ? `must be of the format ${format}` : `${message} ${String(pattern['pattern'])}`;
}
