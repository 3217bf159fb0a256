import { nearestName } from '../../text/nearest-name.ts';
import { FieldError } from './field-error.ts';
import { SCALAR_ALIASES, SCALAR_KINDS, type Field, type FieldType, type ScalarKind } from './field-type.ts';
import { tokensOf, type Token } from './tokens.ts';

/** Deeper than this no model fills a schema, and no service takes one. */
const DEEPEST = 20;

/**
 * Reads the field language: names with commas between them, each with a type where it is not text.
 *
 *     company, total: number?, date: date, kind: sale | refund, items[]: {name, price: number} "the lines of the receipt"
 *
 * `?` lets a value be null, `[]` makes a list, braces an object, `|` an enum; quoted text behind a type describes the field.
 *
 * @throws {FieldError} with the column at which something else was expected
 */
export function parseFields(text: string): Field[] {
  const parser = new FieldParser(text);
  const fields = parser.fields();
  parser.expectEnd();
  return fields;
}

class FieldParser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  fields(): Field[] {
    this.#depth += 1;
    if (this.#depth > DEEPEST) this.#fail(this.#next, `the braces are more than ${DEEPEST} deep`);
    const fields: Field[] = [];
    do {
      // A comma behind the last field is let pass.
      if (fields.length > 0 && this.#isAtEndOfFields()) break;
      fields.push(this.#field(fields));
    } while (this.#takeSign(','));
    this.#depth -= 1;
    return fields;
  }

  expectEnd(): void {
    if (this.#next.kind !== 'end')
      this.#fail(this.#next, `a comma or the end was expected, found ${shown(this.#next)}`);
  }

  get #next(): Token {
    // The last token is the end, which is never taken.
    return this.#tokens[this.#at] as Token;
  }

  #isAtEndOfFields(): boolean {
    return this.#next.kind === 'end' || this.#isSign('}');
  }

  #field(before: readonly Field[]): Field {
    const token = this.#next;
    if (token.kind !== 'word' && token.kind !== 'text')
      this.#fail(token, `a field's name was expected, found ${shown(token)}`);
    const name = token.value;
    if (name.trim() === '') this.#fail(token, 'the name is empty');
    if (name === '__proto__')
      this.#fail(token, 'no field can be named __proto__: JavaScript takes it for something else');
    if (before.some((field) => field.name === name)) this.#fail(token, `the name ${JSON.stringify(name)} stands twice`);
    this.#at += 1;
    const isList = this.#takeSign('[]');
    const mark = this.#next;
    const isOptional = this.#takeSign('?');
    const written: FieldType = this.#takeSign(':') ? this.#type() : { kind: 'string' };
    if (isOptional && written.kind === 'nullable') this.#fail(mark, 'the field is marked with ? twice');
    const type = isOptional ? ({ kind: 'nullable', of: written } as const) : written;
    const description = this.#next.kind === 'text' ? this.#take().value : undefined;
    return { name, type: isList ? listOf(type) : type, ...(description === undefined ? {} : { description }) };
  }

  #type(): FieldType {
    let type = this.#base();
    for (;;) {
      const token = this.#next;
      if (this.#takeSign('[]')) type = { kind: 'list', of: type };
      else if (this.#takeSign('?')) {
        if (type.kind === 'nullable') this.#fail(token, 'the type is marked with ? twice');
        type = { kind: 'nullable', of: type };
      } else return type;
    }
  }

  #base(): FieldType {
    if (this.#takeSign('{')) {
      const fields = this.fields();
      if (!this.#takeSign('}')) this.#fail(this.#next, `a comma or } was expected, found ${shown(this.#next)}`);
      return { kind: 'object', fields };
    }
    const token = this.#take();
    const isChoice = this.#isSign('|');
    if (token.kind === 'text' || (token.kind === 'word' && isChoice)) return this.#choices(token);
    if (token.kind !== 'word') this.#fail(token, `a type was expected, found ${shown(token)}; ${KNOWN_TYPES}`);
    return { kind: this.#scalar(token) };
  }

  #choices(first: Token): FieldType {
    const values = [first.value];
    while (this.#takeSign('|')) {
      const token = this.#next;
      if (token.kind !== 'word' && token.kind !== 'text')
        this.#fail(token, `a value was expected behind |, found ${shown(token)}`);
      if (values.includes(token.value)) this.#fail(token, `the value ${JSON.stringify(token.value)} stands twice`);
      values.push(this.#take().value);
    }
    return { kind: 'enum', values };
  }

  #scalar(token: Token): ScalarKind {
    const word = token.value.toLowerCase();
    const kind = SCALAR_KINDS.find((known) => known === word) ?? SCALAR_ALIASES.get(word);
    if (kind !== undefined) return kind;
    const nearest = nearestName(word, SCALAR_KINDS);
    const hint = nearest === undefined ? '' : `did you mean ${nearest}? `;
    return this.#fail(token, `there is no type ${JSON.stringify(token.value)}; ${hint}${KNOWN_TYPES}`);
  }

  #isSign(sign: string): boolean {
    return this.#next.kind === 'sign' && this.#next.value === sign;
  }

  #takeSign(sign: string): boolean {
    if (!this.#isSign(sign)) return false;
    this.#at += 1;
    return true;
  }

  #take(): Token {
    const token = this.#next;
    if (token.kind !== 'end') this.#at += 1;
    return token;
  }

  #fail({ column }: Token, problem: string): never {
    throw new FieldError(this.#text, column, problem);
  }
}

const KNOWN_TYPES = `types are ${SCALAR_KINDS.join(', ')}, {fields}, and values with | between them`;

/** `items[]: T?` is a list that may be null: what may be missing in a record is the list. */
function listOf(type: FieldType): FieldType {
  return type.kind === 'nullable'
    ? { kind: 'nullable', of: { kind: 'list', of: type.of } }
    : { kind: 'list', of: type };
}

function shown({ kind, value }: Token): string {
  return kind === 'end' ? 'the end' : JSON.stringify(value);
}
