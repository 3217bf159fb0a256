import { findAddress, findCompany, type CompanyLine } from './company.ts';
import { findDates, type FoundDate } from './dates.ts';
import { fieldWords, type Meaning } from './field-meaning.ts';
import { findItems, type LineItem } from './line-items.ts';
import { findPlaces } from './places.ts';
import { findAmounts, findLabelledAmount, type Money } from './money.ts';

/** Values are looked for in this many characters; a record's telling parts stand early. */
const MAX_LENGTH = 100_000;
const MAX_LINES = 2000;
/** Patterns on lines may be quadratic: on this length that is nothing. */
const MAX_LINE_LENGTH = 300;

/** What can be read from a record's text by labels and patterns. Each fact is looked for when first asked for. */
export class TextFacts {
  readonly text: string;
  readonly lines: readonly string[];
  #labels: Map<string, string> | undefined;
  #dates: readonly FoundDate[] | undefined;
  #items: readonly LineItem[] | undefined;
  #lowerCase: string | undefined;
  /** Null once looked for in vain. */
  #companyLine: CompanyLine | null | undefined;

  constructor(text: string) {
    this.text = text.length > MAX_LENGTH ? text.slice(0, MAX_LENGTH) : text;
    this.lines = this.text
      .split('\n', MAX_LINES)
      .map((line) => line.trim().slice(0, MAX_LINE_LENGTH))
      .filter((line) => line !== '');
  }

  get lowerCase(): string {
    return (this.#lowerCase ??= this.text.toLowerCase());
  }

  /** Values that follow a label: `Label: value`, or `Label:` with the value on the next line. */
  get labels(): ReadonlyMap<string, string> {
    return (this.#labels ??= findLabels(this.lines));
  }

  get dates(): readonly FoundDate[] {
    return (this.#dates ??= findDates(this.text));
  }

  get items(): readonly LineItem[] {
    return (this.#items ??= findItems(this.lines));
  }

  /** The value of the label that has the field's words, alone or with others. */
  labelled(words: readonly string[]): string | undefined {
    if (words.length === 0 || this.labels.size === 0) return undefined;
    const wanted = words.map(longForm);
    let wider: string | undefined;
    for (const [label, value] of this.labels) {
      const labelWords = label.split(' ').map(longForm);
      if (!wanted.every((word) => labelWords.includes(word))) continue;
      if (labelWords.length === wanted.length) return value;
      wider ??= value;
    }
    return wider;
  }

  money(meaning: Meaning): Money | undefined {
    const found = findLabelledAmount(this.lines, meaning);
    if (found !== undefined || (meaning !== 'total' && meaning !== 'amount' && meaning !== 'price')) return found;
    if (meaning === 'amount') return this.money('total');
    const amounts = this.lines.flatMap((line) => findAmounts(line));
    if (meaning === 'price') return amounts[0];
    return amounts.reduce<Money | undefined>(
      (most, one) => (most === undefined || one.value > most.value ? one : most),
      undefined,
    );
  }

  /** The date that stands nearest to a label with one of the words, or else the first one. */
  date(words: readonly string[]): FoundDate | undefined {
    if (this.dates.length < 2) return this.dates[0];
    const kind = words.filter((word) => word !== 'date' && word.length > 2);
    const wanted = [...kind, 'date'];
    for (const word of wanted) {
      for (let at = this.lowerCase.indexOf(word); at >= 0; at = this.lowerCase.indexOf(word, at + 1)) {
        const near = this.dates.find(({ index }) => index >= at && index - at < 40);
        if (near !== undefined) return near;
      }
    }
    return this.dates[0];
  }

  time(): string | undefined {
    const match = /(?<!\d)([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?\s*([ap]m)?/i.exec(this.text);
    if (match === null) return undefined;
    const [, hours = '', minutes = '', seconds = '00', half = ''] = match;
    const shift = half.toLowerCase() === 'pm' && Number(hours) < 12 ? 12 : 0;
    return `${String(Number(hours) + shift).padStart(2, '0')}:${minutes}:${seconds}`;
  }

  emails(): string[] {
    return unique(this.text.match(/(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,4}\.[a-z]{2,24}/gi));
  }

  urls(): string[] {
    return unique(this.text.match(/\bhttps?:\/\/[^\s<>"')]+|\bwww\.[\w.-]{1,100}\.[a-z]{2,24}[^\s<>"')]*/gi));
  }

  phones(): string[] {
    const labelled = Array.from(
      this.text.matchAll(
        /\b(?:tel|phone|mobile|hp|call|contact|fax)\w{0,10}\.? {0,2}(?:no\.?)? {0,2}[:.]?\s{0,3}(\+?\(?\d[\d ()-]{5,20}\d)/gi,
      ),
      ([, number = '']) => number.trim(),
    );
    return labelled.length > 0 ? unique(labelled) : unique(this.text.match(/(?<![\w-])\+\d[\d ()-]{6,20}\d(?!\w)/g));
  }

  company(): string | undefined {
    return this.#company()?.name;
  }

  address(): string | undefined {
    return findAddress(this.lines, this.#company()?.index ?? -1);
  }

  #company(): CompanyLine | undefined {
    if (this.#companyLine === undefined) this.#companyLine = findCompany(this.lines) ?? null;
    return this.#companyLine ?? undefined;
  }

  /** The value of a label, or else all that a sentence names. */
  places(words: readonly string[]): string[] {
    const labelled = this.labelled(words);
    return labelled === undefined ? findPlaces(this.text) : [labelled];
  }

  postcode(): string | undefined {
    return /(?<!\d)\d{5}(?= +\p{L}{3})/u.exec(this.address() ?? this.text)?.[0];
  }

  /** A person: after a label or a closing, as mails have it. */
  person(): string | undefined {
    const signed = CLOSING.exec(this.text)?.[1];
    return signed ?? INTRODUCTION.exec(this.text)?.[1];
  }

  currency(): string | undefined {
    const match = /\b(RM|MYR|USD|EUR|GBP|CHF|SGD|INR|JPY)(?=\b|\d)|[$€£¥₹]/.exec(this.text)?.[0];
    return match === undefined ? undefined : (CURRENCY_CODES.get(match) ?? match);
  }

  /** The first sentences, as a summary would have them. */
  excerpt(limit = 160): string {
    const flat = this.lines.join(' ');
    if (flat.length <= limit) return flat;
    const cut = flat.slice(0, limit);
    return cut.slice(0, Math.max(cut.lastIndexOf(' '), limit >> 1)).trim();
  }
}

/** Abbreviations that labels and field names use for the same word. */
const LONG_FORMS: ReadonlyMap<string, string> = new Map([
  ['no', 'number'],
  ['nr', 'number'],
  ['num', 'number'],
  ['inv', 'invoice'],
  ['doc', 'document'],
  ['ref', 'reference'],
  ['qty', 'quantity'],
  ['qtys', 'quantity'],
  ['amt', 'amount'],
  ['desc', 'description'],
  ['tel', 'phone'],
]);

function longForm(word: string): string {
  return LONG_FORMS.get(word) ?? word;
}

const CLOSING =
  /\b(?:[Rr]egards|[Ss]incerely|[Tt]hanks|[Cc]heers|[Bb]est|[Yy]ours|[Gg]rüßen|[Gg]rüße)\b[^\n]{0,20}\n[ \t\n]{0,5}(\p{Lu}[\p{L}'.-]{1,40}(?: \p{Lu}[\p{L}'.-]{1,40}){0,3})/u;
const INTRODUCTION =
  /\b(?:[Mm]y name is|I am|This is|[Ii]ch bin) (\p{Lu}[\p{L}'-]{1,40}(?: \p{Lu}[\p{L}'-]{1,40}){0,2})/u;

const CURRENCY_CODES: ReadonlyMap<string, string> = new Map([
  ['RM', 'MYR'],
  ['$', 'USD'],
  ['€', 'EUR'],
  ['£', 'GBP'],
  ['¥', 'JPY'],
  ['₹', 'INR'],
]);

function unique(found: readonly string[] | null): string[] {
  return [...new Set(found ?? [])];
}

function findLabels(lines: readonly string[]): Map<string, string> {
  const labels = new Map<string, string>();
  for (const [index, line] of lines.entries()) {
    const match = /^[-*"{,\s]*([\p{L}][^:=\n]{0,40}?)"?\s*[:=]\s*(.*)$/u.exec(line);
    if (match === null) continue;
    const [, label = '', rest = ''] = match;
    const key = fieldWords(label).join(' ');
    const below = lines[index + 1] ?? '';
    const value = rest !== '' ? rest : /[:=]\s*\S/.test(below) && !below.startsWith(':') ? '' : below;
    const clean = value.replace(/^[:\s"]+|[",;\s]+$/g, '');
    if (key !== '' && clean !== '' && !labels.has(key)) labels.set(key, clean);
  }
  return labels;
}
