import type { JsonValue } from '../../json/value.ts';
import type { FieldType } from '../fields/field-type.ts';

const NUMBER = /^[+-]?(?:\d+(?:[.,]\d+)*|[.,]\d+)$/;
const INTEGER = /^[+-]?(?:0|[1-9]\d{0,14})$/;
/** An amount with what is written behind it, as in `780.00 EUR, heating included`. */
const AMOUNT =
  /^(?:[€$£]|[A-Z]{2,3}(?=\s))?\s?-?\d+(?:[.,]\d{3})*(?:[.,]\d{1,2}(?![\d.,/:-])|\s?(?:EUR|USD|GBP|CHF|[€$£%])(?!\p{L}))/u;
const DATE = /^\d{4}-\d\d-\d\d$/;
const EMAIL = /^[^\s@]+@[^\s@]+\.[a-z]{2,}$/i;
const URL_TEXT = /^https?:\/\/\S+$/i;
const BOOLEAN = /^(?:true|false)$/i;
const MOST_CHOICES = 8;
const LONGEST_CHOICE = 24;
/** Each choice must come up so often, on the average, before a list of them is believed. */
const EVIDENCE_FOR_CHOICE = 5;

/** Of what stands behind a label so much must be of a type: a scan has lines that are out of order. */
const MOST = 0.8;

/** Tells what type most of the values are of; text where no type has most of them. */
export function guessMostType(values: readonly JsonValue[]): FieldType {
  const kinds = values.map((value) => guessType([value]));
  const whole = guessType(values);
  if (whole.kind !== 'string') return whole;
  const isNumber = ({ kind }: FieldType): boolean => kind === 'number';
  return kinds.filter(isNumber).length >= values.length * MOST ? { kind: 'number' } : whole;
}

/** Tells from values that people or programs wrote what type they are; text where they are of no one type. */
export function guessType(values: readonly JsonValue[]): FieldType {
  if (values.some((value) => typeof value === 'object')) return { kind: 'string' };
  const texts = values.map((value) => String(value).trim());
  const all = (pattern: RegExp): boolean => texts.length > 0 && texts.every((text) => pattern.test(text));
  if (all(BOOLEAN)) return { kind: 'boolean' };
  // Numbers with zeros in front are codes.
  if (all(INTEGER)) return { kind: 'integer' };
  if (all(NUMBER) && !texts.some((text) => /^0\d/.test(text))) return { kind: 'number' };
  if (all(AMOUNT)) return { kind: 'number' };
  if (all(DATE)) return { kind: 'date' };
  if (all(EMAIL)) return { kind: 'email' };
  if (all(URL_TEXT)) return { kind: 'url' };
  const choices = [...new Set(texts)].sort();
  const isChoice =
    choices.length > 1 &&
    choices.length <= MOST_CHOICES &&
    texts.length >= choices.length * EVIDENCE_FOR_CHOICE &&
    choices.every((choice) => choice.length <= LONGEST_CHOICE);
  return isChoice ? { kind: 'enum', values: choices } : { kind: 'string' };
}
