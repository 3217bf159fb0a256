import { fitLength } from './fit.ts';
import type { StringNode } from './schema-node.ts';
import type { TextFacts } from './text-facts.ts';

/** The text's value for a string field, in the form its schema asks for; undefined where the text has none. */
export function findString(node: StringNode, facts: TextFacts): string | undefined {
  const found =
    node.format === undefined ? byMeaning(node, facts) : (byFormat(node, facts) ?? byUnknownFormat(node, facts));
  if (found !== undefined && found !== '' && accepts(node, found)) return found;
  const matched = node.pattern?.exec(facts.text)?.[0];
  if (matched !== undefined && matched !== '' && accepts(node, matched)) return matched;
  if (found === undefined || found === '' || node.pattern !== undefined) return undefined;
  const fitted = fitLength(found, node);
  return accepts(node, fitted) ? fitted : undefined;
}

/** A value for a string field that the text says nothing about. */
export function inventString(node: StringNode, facts: TextFacts, draw: number): string {
  const known = FORMATS.get(node.format ?? '');
  if (known !== undefined) return known.invent(draw);
  const text = fitLength(facts.excerpt(80), node);
  if (accepts(node, text)) return text;
  const plain = fitLength('', node);
  if (accepts(node, plain)) return plain;
  return patternSample(node) ?? text;
}

function accepts({ pattern, minLength, maxLength, format }: StringNode, text: string): boolean {
  const known = FORMATS.get(format ?? '');
  if (known !== undefined && !known.test.test(text)) return false;
  if (pattern !== undefined && !pattern.test(text)) return false;
  if (text.length < minLength) return false;
  if (text.length <= maxLength && minLength === 0) return true;
  const { length } = Array.from(text);
  return length >= minLength && length <= maxLength;
}

interface Format {
  test: RegExp;
  invent: (draw: number) => string;
}

const hex = (draw: number, length: number) =>
  Math.floor(draw * 16 ** Math.min(length, 12))
    .toString(16)
    .padStart(length, '0');
const day = (draw: number) => String(1 + Math.floor(draw * 28)).padStart(2, '0');

/** Formats the service documents or tolerates, with a test strict enough for the usual validators. */
const FORMATS: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['date', { test: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/, invent: (draw) => `2026-01-${day(draw)}` }],
  [
    'date-time',
    {
      test: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/,
      invent: (draw) => `2026-01-${day(draw)}T09:00:00Z`,
    },
  ],
  ['time', { test: /^\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/, invent: () => '09:00:00Z' }],
  ['duration', { test: /^P(?:\d+[YMWD])*(?:T(?:\d+[HMS])+)?$/, invent: () => 'P1D' }],
  ['email', { test: /^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$/, invent: (draw) => `unknown-${hex(draw, 4)}@example.com` }],
  [
    'uri',
    { test: /^[a-z][a-z0-9+.-]*:\/\/[^\s<>"{}|\\^`]+$/i, invent: (draw) => `https://example.com/${hex(draw, 6)}` },
  ],
  [
    'url',
    { test: /^[a-z][a-z0-9+.-]*:\/\/[^\s<>"{}|\\^`]+$/i, invent: (draw) => `https://example.com/${hex(draw, 6)}` },
  ],
  [
    'uuid',
    {
      test: /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i,
      invent: (draw) => `${hex(draw, 8)}-0000-4000-8000-${hex(draw, 12)}`,
    },
  ],
  ['ipv4', { test: /^(?:\d{1,3}\.){3}\d{1,3}$/, invent: () => '192.0.2.1' }],
  ['ipv6', { test: /^[0-9a-f:]{3,}$/i, invent: () => '2001:db8::1' }],
  ['hostname', { test: /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i, invent: () => 'example.com' }],
]);

function byFormat({ format, name }: StringNode, facts: TextFacts): string | undefined {
  switch (format) {
    case 'date':
      return facts.date(name.words)?.iso;
    case 'date-time': {
      const date = facts.date(name.words);
      return date === undefined ? undefined : `${date.iso}T${facts.time() ?? '00:00:00'}Z`;
    }
    case 'time': {
      const time = facts.time();
      return time === undefined ? undefined : `${time}Z`;
    }
    case 'email':
      return facts.emails()[0];
    case 'uri':
    case 'url': {
      const url = facts.urls()[0];
      return url === undefined || url.includes('://') ? url : `https://${url}`;
    }
    case 'uuid':
      return /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/i.exec(facts.text)?.[0];
    default:
      return undefined;
  }
}

/** Formats beyond the known ones demand nothing, so the name decides. */
function byUnknownFormat(node: StringNode, facts: TextFacts): string | undefined {
  return FORMATS.has(node.format ?? '') ? undefined : byMeaning(node, facts);
}

function byMeaning({ name }: StringNode, facts: TextFacts): string | undefined {
  const { words, meaning, description } = name;
  switch (meaning) {
    case 'total':
    case 'subtotal':
    case 'tax':
    case 'discount':
    case 'cash':
    case 'change':
    case 'price':
    case 'amount':
      return facts.money(meaning)?.text ?? facts.labelled(words);
    case 'date': {
      const date = facts.date(words);
      return ISO_WANTED.test(description) ? date?.iso : (date?.text ?? facts.labelled(words));
    }
    case 'time':
      return facts.time();
    case 'company':
      return facts.company();
    case 'address':
      return facts.address() ?? facts.labelled(words);
    case 'place':
      return facts.places(words)[0] ?? facts.address();
    case 'postcode':
      return facts.postcode();
    case 'email':
      return facts.emails()[0];
    case 'phone':
      return facts.phones()[0];
    case 'url':
      return facts.urls()[0];
    case 'currency':
      return facts.currency();
    case 'subject':
      return facts.labelled(words) ?? facts.labelled(['subject']) ?? facts.lines[0];
    case 'summary':
      return facts.labelled(words) ?? (facts.lines.length > 0 ? facts.excerpt() : undefined);
    case 'person':
      return (
        facts.labelled(words) ??
        (words.includes('name') && words.length > 1 ? facts.labelled(words.slice(0, -1)) : undefined) ??
        facts.person()
      );
    case 'item':
      return facts.labelled(words) ?? facts.items[0]?.description;
    case 'number':
    case 'quantity':
      return identifier(facts.labelled(words));
    case undefined:
      return facts.labelled(words);
    default:
      return meaning satisfies never;
  }
}

const ISO_WANTED = /\bISO\b|YYYY-MM-DD|\bformat:? date\b/i;

/** The first word of what follows an identifier's label: `INV-123   DATE: ...` holds `INV-123`. */
function identifier(text: string | undefined): string | undefined {
  return text?.split(/\s{2,}|\s(?=\p{L}{3,})/u)[0];
}

/** A text for the simplest patterns: literals, classes and counts, as order numbers have them. */
function patternSample(node: StringNode): string | undefined {
  if (node.pattern === undefined) return undefined;
  const atoms = /\\d|\\w|\\[-./+()]|\[([^\]]+)\]|([^\\^$.|?*+()[\]{}])/gu;
  const source = node.pattern.source.replace(/^\^|\$$/g, '');
  let sample = '';
  let end = 0;
  for (const match of source.matchAll(atoms)) {
    if (match.index < end) continue;
    if (match.index !== end) return undefined;
    end += match[0].length;
    const count = /^(?:\{(\d+)(?:,\d*)?\}|([+*?]))/.exec(source.slice(end));
    end += count?.[0].length ?? 0;
    const times = count?.[1] === undefined ? (count?.[2] === undefined || count[2] === '+' ? 1 : 0) : Number(count[1]);
    sample += atomSample(match[0], match[1]).repeat(Math.min(times, 1000));
  }
  const fitted = end === source.length ? sample : undefined;
  return fitted !== undefined && accepts(node, fitted) ? fitted : undefined;
}

function atomSample(atom: string, members: string | undefined): string {
  if (members !== undefined)
    return members.startsWith('^') ? 'x' : members.startsWith('\\d') ? '0' : (members.replace(/^\\/, '')[0] ?? 'a');
  if (atom === '\\d') return '0';
  if (atom === '\\w') return 'a';
  return atom.replace(/^\\/, '');
}
