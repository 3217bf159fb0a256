import { pointerToken } from '../../json/pointer.ts';
import { resolveReference } from '../schema-reference.ts';
import { eachSubschema } from '../subschemas.ts';
import type { JsonObject, JsonValue } from '../../json/value.ts';
import type { SchemaLoss } from '../schema-loss.ts';
import { mergeAllOf } from '../merge-all-of.ts';
import type { Dialect } from './dialects.ts';
import { treatmentOf } from './keyword-table.ts';
import type { MutableSchema } from './words.ts';

/** Part of what a schema becomes: the keywords that are sent, and words for its description. */
export interface Part {
  sent: MutableSchema;
  words: string[];
}

/** Converts a schema that stands at a path of the whole; undefined where nothing can be valid, and the place is left out. */
export type Convert = (schema: JsonValue | undefined, path: string) => MutableSchema | undefined;

/** One conversion of a whole schema: who reads it, what was lost, and the arrays whose bounds share one budget. */
export class Conversion {
  readonly losses: SchemaLoss[] = [];
  /** What is sent of arrays with bounds; which of them keep their bounds is known at the end. */
  readonly boundedArrays: { path: string; schema: MutableSchema }[] = [];
  readonly dialect: Dialect;
  readonly #root: JsonObject;

  constructor(root: JsonObject, dialect: Dialect) {
    this.#root = root;
    this.dialect = dialect;
  }

  lose(path: string, keyword: string, action: SchemaLoss['action'], detail: string, enforcedLocally = true): void {
    this.losses.push({ path, keyword, action, detail, enforcedLocally });
  }

  /** Reports words that stand for a keyword, and gives them back. */
  describe(path: string, keyword: string, text: string, enforcedLocally = true): string {
    this.lose(path, keyword, 'described', `"${text}" in the description`, enforcedLocally);
    return text;
  }

  /** Puts the keywords that are not sent into words, or drops them, by the table. */
  putIntoWords(schema: JsonObject, path: string): string[] {
    const words: string[] = [];
    for (const [keyword, value] of Object.entries(schema)) {
      const treatment = value === undefined ? 'send' : treatmentOf(keyword);
      if (typeof treatment === 'string' || value === undefined) continue;
      const { words: wordsFor, detail, isAnnotation = false } = treatment;
      const text = wordsFor?.(value, schema);
      if (text !== undefined) words.push(this.describe(path, keyword, text, !isAnnotation));
      else if (detail !== undefined) {
        this.lose(path, keyword, keyword === 'title' ? 'described' : 'dropped', detail(value, schema), !isAnnotation);
      }
    }
    return words;
  }

  /** Joins schemas that must all hold. */
  merge(parts: readonly JsonObject[], path: string): JsonObject {
    const { merged, dropped } = mergeAllOf(parts, (reference) => this.inlineable(reference));
    for (const keyword of new Set(dropped)) {
      this.lose(path, keyword, 'dropped', 'two constraints that must both hold cannot be joined; one is sent');
    }
    return merged;
  }

  /** What a reference points at, unless that contains itself: written out in place it would never end. */
  inlineable(reference: string): JsonObject | undefined {
    const target = resolveReference(this.#root, reference);
    return target === undefined || isRecursive(this.#root, target) ? undefined : target;
  }
}

function isRecursive(root: JsonObject, schema: JsonObject): boolean {
  const seen = new Set<JsonObject>();
  function reaches(from: JsonObject): boolean {
    if (seen.has(from)) return false;
    seen.add(from);
    const target = resolveReference(root, from['$ref']);
    let found = target !== undefined && (target === schema || reaches(target));
    eachSubschema(from, (child, { keyword }) => {
      if (!found && keyword !== '$defs') found = reaches(child);
    });
    return found;
  }
  return reaches(schema);
}

/** The path of a property below an object. */
export function propertyPath(path: string, name: string): string {
  return `${path}/properties/${pointerToken(name)}`;
}
