import type * as Regexpp from '@eslint-community/regexpp';
import { requirePackage } from '../../packages/require-package.ts';
import { mapSubschemas } from '../subschemas.ts';
import type { JsonObject, JsonValue } from '../../json/value.ts';
import type { SchemaLoss } from '../schema-loss.ts';
import { LONGEST_SPELLED_PATTERN } from './keyword-table.ts';
import type { ProviderSchema } from './provider-schema.ts';
import { addWords, type MutableSchema } from './words.ts';

/**
 * Prepares a schema for a server that enforces JSON Schema while it writes, such as vLLM or llama.cpp: everything is sent,
 * recursion included, but for patterns that grammars cannot follow, which become words.
 */
export function toWholeSchema(schema: JsonObject): ProviderSchema {
  const losses: SchemaLoss[] = [];
  return { provider: whole(schema, '', losses), losses };
}

function whole(schema: JsonObject, path: string, losses: SchemaLoss[]): JsonObject {
  const { pattern, propertyNames, ...rest } = mapSubschemas(schema, (child, { pointer }) =>
    whole(child, path + pointer, losses),
  );
  const sent: MutableSchema = rest;
  // That names are texts goes without saying, and some servers refuse the keyword.
  if (propertyNames !== undefined && !isAnyText(propertyNames)) sent['propertyNames'] = propertyNames;
  if (typeof pattern !== 'string') return sent;
  if (isForGrammars(pattern)) return { ...sent, pattern };
  const isSpelled = pattern.length <= LONGEST_SPELLED_PATTERN && sent['format'] === undefined;
  const words = `matches /${pattern}/`;
  losses.push({
    path,
    keyword: 'pattern',
    action: isSpelled ? 'described' : 'dropped',
    detail: isSpelled
      ? `"${words}" in the description: servers cannot follow it while they write`
      : 'servers cannot follow it while they write',
    enforcedLocally: true,
  });
  return isSpelled ? addWords(sent, [words]) : sent;
}

function isAnyText(schema: JsonValue): boolean {
  return JSON.stringify(schema) === '{"type":"string"}';
}

/** Whether a pattern covers the whole text and looks neither around nor back, as grammars made of patterns want it. */
function isForGrammars(source: string): boolean {
  const library = requirePackage('@eslint-community/regexpp') as typeof Regexpp;
  try {
    const pattern = new library.RegExpParser().parsePattern(source, 0, source.length, { unicode: true });
    const [only, ...others] = pattern.alternatives;
    const first = only?.elements[0];
    const last = only?.elements.at(-1);
    if (others.length > 0 || first?.type !== 'Assertion' || last?.type !== 'Assertion') return false;
    if (first.kind !== 'start' || last.kind !== 'end') return false;
    let isPlain = true;
    library.visitRegExpAST(pattern, {
      onAssertionEnter: (assertion) => {
        if (assertion !== first && assertion !== last) isPlain = false;
      },
      onBackreferenceEnter: () => {
        isPlain = false;
      },
      onCharacterSetEnter: ({ kind }) => {
        if (kind === 'property') isPlain = false;
      },
    });
    return isPlain;
  } catch {
    return false;
  }
}
