import type { JsonObject, JsonValue } from '../json/value.ts';
import { chooseOccurrences, type Candidates } from './choose-occurrences.ts';
import type { Evidence, RecordText } from './evidence.ts';
import { findValue } from './find-value.ts';
import { sourceTexts, type SourceText } from './source-text.ts';
import { leavesOf, type Leaf, type LeafNode } from './value-leaves.ts';

export interface EvidenceOptions {
  /** JSON Schema of the data: choices of a closed set are no copies, and descriptions help to choose among places. */
  schema?: JsonObject | undefined;
  /** What the model answered, where the schema made something else of it: a value that stands nowhere may do so as it was. */
  answer?: JsonValue | undefined;
}

/**
 * Finds for each text and number of a result where it stands in the texts of its record. The first text that has a value decides.
 * Makes no call, and takes time in proportion to the length of the texts.
 */
export function findEvidence(data: JsonValue, texts: readonly RecordText[], options: EvidenceOptions = {}): Evidence[] {
  const sources = sourceTexts(texts);
  const answers = options.answer === undefined ? undefined : answersByPath(options.answer);
  const nodes = leavesOf(data, options.schema);
  const found = mapLeaves(nodes, (leaf) => candidatesOf(leaf, sources, answers));
  return chooseOccurrences(found);
}

function candidatesOf(
  leaf: Leaf,
  sources: readonly SourceText[],
  answers: ReadonlyMap<string, Leaf> | undefined,
): Candidates {
  const given = answers?.get(leaf.path)?.value;
  const values = given === undefined || given === leaf.value ? [leaf.value] : [leaf.value, given];
  for (const value of values) {
    for (const source of sources) {
      const occurrences = findValue(source, value);
      if (occurrences.length > 0) return { leaf, source, occurrences };
    }
  }
  return { leaf, source: undefined, occurrences: [] };
}

function answersByPath(answer: JsonValue): Map<string, Leaf> {
  const leaves = new Map<string, Leaf>();
  mapLeaves(leavesOf(answer), (leaf) => leaves.set(leaf.path, leaf));
  return leaves;
}

/** The same lists with something else in the place of each leaf. */
export type Mapped<Value> = Value | { items: readonly Mapped<Value>[][] };

function mapLeaves<Value>(nodes: readonly LeafNode[], map: (leaf: Leaf) => Value): Mapped<Value>[] {
  return nodes.map((node) => ('items' in node ? { items: node.items.map((item) => mapLeaves(item, map)) } : map(node)));
}
