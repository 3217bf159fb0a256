import { hash } from 'node:crypto';
import { canonicalJson } from '../json/canonical.ts';
import type { JsonValue } from '../json/value.ts';
import type { DerivedSchema } from '../schema/derived.ts';
import { quoteFieldPath } from '../json-schema/field-path.ts';
import { readOwnFunctions } from '../zod/own-functions.ts';
import type { Extraction } from './definition.ts';
import { schemaDigest, translateSchema } from './schema-digest.ts';

/** What of a definition must be the same for a run to be continued. */
export interface DefinitionIdentity {
  /** The parts that decide what a result looks like. */
  readonly shape: Readonly<Record<string, JsonValue>>;
  /** All parts, those of `shape` first. */
  readonly parts: Readonly<Record<string, JsonValue>>;
  /** The functions of a definition that was not loaded from a file, as far as their own text shows: what they call is not seen. */
  functionsDigest(): string;
  /**
   * What to say where an edit of the schema's functions would not be noticed; undefined where it would. For runs that are continued, and
   * were not told the state of their definition's source.
   */
  describeHiddenCode(): string | undefined;
  /** What gleaner 0.1 wrote of the same definition, as it would be written today. */
  translate(before: Record<string, JsonValue>): Record<string, JsonValue>;
}

export interface IdentifiedBy {
  model: string | undefined;
  derived: Pick<DerivedSchema, 'identity' | 'earlier'>;
  /** The column of the ids, where it is not the definition's. */
  idField: string | undefined;
  strategy: JsonValue | undefined;
}

/** Says what of a definition makes its runs the same, part by part, so that a refusal can say which part differs. */
export function identifyDefinition(extraction: Extraction, identifiedBy: IdentifiedBy): DefinitionIdentity {
  const { model, derived, idField, strategy } = identifiedBy;
  const { examples, coerce, requireEvidence } = extraction;
  const id = idField ?? extraction.id ?? null;
  const shape = { extraction: extraction.name, schema: schemaDigest(derived) };
  return {
    shape,
    parts: {
      ...shape,
      model: model ?? null,
      instructions: digest(extraction.instructions),
      prompt: digest(String(extraction.prompt)),
      request: JSON.parse(canonicalJson(extraction.request ?? {})) as JsonValue,
      id: typeof id === 'function' ? `function ${digest(String(id))}` : id,
      // Named only where they are given, as they came later.
      ...(examples === undefined ? {} : { examples: digest(JSON.stringify(examples)) }),
      ...(coerce === undefined || coerce === 'lossless' ? {} : { coerce }),
      ...(requireEvidence === undefined ? {} : { requireEvidence: [...requireEvidence] }),
      ...(strategy === undefined ? {} : { strategy }),
    },
    functionsDigest: () => digestFunctions(extraction),
    describeHiddenCode: () => describeHiddenCode(extraction),
    translate: (before) => translateSchema(before, derived),
  };
}

function digestFunctions({ prompt, id, tools = [], schema }: Extraction): string {
  const functions = [prompt, id, ...tools.map(({ handler }) => handler)].filter((part) => typeof part === 'function');
  const { sources } = readOwnFunctions(schema);
  const ofTools = tools.flatMap(({ parameters }) => readOwnFunctions(parameters).sources);
  return digest([...functions.map(String), ...sources, ...ofTools].join('\0'));
}

function describeHiddenCode({ schema, tools = [] }: Extraction): string | undefined {
  const hidden = [schema, ...tools.map(({ parameters }) => parameters)].flatMap((one) => readOwnFunctions(one).hidden);
  const [path] = hidden;
  if (path === undefined) return undefined;
  const where = quoteFieldPath(path);
  return (
    `Whether the checks of the schema are those that the run was begun with cannot be seen: zod hides the code of one on ${where} ` +
    '(superRefine, or refine of zod 3). Give definitionDigest to have edits noticed'
  );
}

function digest(text: string): string {
  return hash('sha256', text).slice(0, 16);
}
