import { isJsonObject, type JsonValue } from '../../json/value.ts';
import type { Meaning } from './field-meaning.ts';
import { keywordScore, mentions } from './keywords.ts';
import type { NumberNode } from './schema-node.ts';
import type { TextFacts } from './text-facts.ts';

const MONEY_MEANINGS: ReadonlySet<Meaning> = new Set<Meaning>([
  'total',
  'subtotal',
  'tax',
  'discount',
  'cash',
  'change',
  'price',
  'amount',
]);

/** The number that the text gives for a field; undefined where it gives none. Not yet fitted to the schema. */
export function findNumber({ name }: NumberNode, facts: TextFacts): number | undefined {
  const { meaning, words } = name;
  if (meaning !== undefined && MONEY_MEANINGS.has(meaning)) {
    const money = facts.money(meaning);
    if (money !== undefined) return money.value;
  }
  if (meaning === 'date') {
    const date = facts.date(words);
    if (date !== undefined) return Number(date.iso.slice(0, 4));
  }
  const digits = /-?\d[\d,]*(?:\.\d+)?/.exec(facts.labelled(words) ?? '')?.[0];
  return digits === undefined ? undefined : Number(digits.replaceAll(',', ''));
}

const FILLERS: ReadonlySet<string> = new Set([
  'is',
  'has',
  'was',
  'are',
  'should',
  'needs',
  'the',
  'a',
  'an',
  'to',
  'be',
]);

/** What the text says of a field that is true or false; undefined where it does not speak of it. */
export function findFlag(words: readonly string[], facts: TextFacts): boolean | undefined {
  const telling = words.filter((word) => !FILLERS.has(word));
  if (telling.length === 0) return undefined;
  const labelled = facts.labelled(telling)?.toLowerCase();
  if (labelled !== undefined && /^(?:yes|true|y|no|false|n)\b/.test(labelled)) return /^[yt]/.test(labelled);
  const joined = telling.join(' ');
  const text = facts.lowerCase;
  if (!mentions(text, joined) && keywordScore(text, joined) === 0) return undefined;
  return !text.includes(`not ${joined}`) && !text.includes(`no ${joined}`);
}

/** The member of an enum that the text speaks of most; undefined where it speaks of none. */
export function findMember(
  values: readonly JsonValue[],
  words: readonly string[],
  facts: TextFacts,
): JsonValue | undefined {
  const labelled = facts.labelled(words)?.toLowerCase();
  let best: JsonValue | undefined;
  let bestScore = 0;
  for (const value of values) {
    if (value === null || isJsonObject(value) || Array.isArray(value)) continue;
    const text = String(value);
    const score =
      text.toLowerCase() === labelled ? 1000 : typeof value === 'string' ? keywordScore(facts.lowerCase, text) : 0;
    if (score <= bestScore) continue;
    best = value;
    bestScore = score;
  }
  return best;
}

/** The texts that the record lists for a field of this meaning; of other fields, its bullet points. */
export function findTexts(meaning: Meaning | undefined, facts: TextFacts): readonly string[] {
  switch (meaning) {
    case 'email':
      return facts.emails();
    case 'phone':
      return facts.phones();
    case 'url':
      return facts.urls();
    case 'date':
      return facts.dates.map(({ text }) => text);
    case 'item':
      return facts.items.map(({ description }) => description);
    default:
      return facts.lines.filter((line) => /^[-*•]\s+\S/.test(line)).map((line) => line.replace(/^[-*•]\s+/, ''));
  }
}
