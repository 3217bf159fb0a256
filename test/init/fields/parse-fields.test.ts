import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FieldError } from '../../../src/init/fields/field-error.ts';
import { SCALAR_KINDS, type Field, type FieldType } from '../../../src/init/fields/field-type.ts';
import { parseFields } from '../../../src/init/fields/parse-fields.ts';
import { printFields } from '../../../src/init/fields/print-fields.ts';

const string = { kind: 'string' } as const;
const number = { kind: 'number' } as const;

test.each<[string, Field[]]>([
  ['company', [{ name: 'company', type: string }]],
  ['total: number?', [{ name: 'total', type: { kind: 'nullable', of: number } }]],
  ['total?: number', [{ name: 'total', type: { kind: 'nullable', of: number } }]],
  ['note?', [{ name: 'note', type: { kind: 'nullable', of: string } }]],
  ['tags[]', [{ name: 'tags', type: { kind: 'list', of: string } }]],
  ['tags: string[]', [{ name: 'tags', type: { kind: 'list', of: string } }]],
  ['tags: string?[]', [{ name: 'tags', type: { kind: 'list', of: { kind: 'nullable', of: string } } }]],
  ['rows: number[][]', [{ name: 'rows', type: { kind: 'list', of: { kind: 'list', of: number } } }]],
  [
    'items[]: {name, price: number}?',
    [
      {
        name: 'items',
        type: {
          kind: 'nullable',
          of: {
            kind: 'list',
            of: {
              kind: 'object',
              fields: [
                { name: 'name', type: string },
                { name: 'price', type: number },
              ],
            },
          },
        },
      },
    ],
  ],
  ['kind: sale | re-fund', [{ name: 'kind', type: { kind: 'enum', values: ['sale', 're-fund'] } }]],
  ['kind: "a b"|c', [{ name: 'kind', type: { kind: 'enum', values: ['a b', 'c'] } }]],
  [`kind: 'only'`, [{ name: 'kind', type: { kind: 'enum', values: ['only'] } }]],
  ['due: Date "when to pay"', [{ name: 'due', type: { kind: 'date' }, description: 'when to pay' }]],
  [
    'n: int, b: bool',
    [
      { name: 'n', type: { kind: 'integer' } },
      { name: 'b', type: { kind: 'boolean' } },
    ],
  ],
  ['"Größe (cm)": number,', [{ name: 'Größe (cm)', type: number }]],
  ['straße', [{ name: 'straße', type: string }]],
  [String.raw`a "say \"so\" \\"`, [{ name: 'a', type: string, description: String.raw`say "so" \ `.trimEnd() }]],
])('%s is read', (text, fields) => expect(parseFields(text)).toEqual(fields));

test.each<[string, number, RegExp]>([
  ['', 1, /a field's name was expected, found the end/],
  ['total: nmber', 8, /there is no type "nmber"; did you mean number\?/],
  ['a, b: {c, d', 12, /a comma or } was expected, found the end/],
  ['a b', 3, /a comma or the end was expected, found "b"/],
  ['a,, b', 3, /a field's name was expected, found ","/],
  ['a, b: number, a', 15, /the name "a" stands twice/],
  ['a: number??', 11, /marked with \? twice/],
  ['a?: number?', 2, /marked with \? twice/],
  ['a: "x', 4, /the quote " is not closed/],
  ['a: x |', 7, /a value was expected behind \|, found the end/],
  ['a: x | x', 8, /the value "x" stands twice/],
  ['a: [string]', 4, /a list is written \[\]/],
  ['a:', 3, /a type was expected, found the end/],
  ['a; b', 2, /";" has no meaning here/],
  ['total $: number', 7, /"\$" has no meaning here; put names with such characters into quotes/],
  ['__proto__', 1, /no field can be named __proto__/],
  ['" "', 1, /the name is empty/],
  [`a: ${'{a: '.repeat(25)}`, 81, /more than 20 deep/],
])('%s is refused at column %i', (text, column, message) => {
  const error = errorOf(text);
  expect(error?.message).toMatch(message);
  expect(error?.column).toBe(column);
  expect(error?.facts).toEqual({ column });
});

test('the place of an error in a long text is marked below it', () => {
  const text = `${'field, '.repeat(1).padStart(100, 'x')}total: nmber, rest`;
  expect(errorOf(text)?.place).toBe(`  ${text.slice(67, 107)}nmber, rest\n  ${' '.repeat(40)}^`);
});

function errorOf(text: string): FieldError | undefined {
  try {
    parseFields(text);
    return undefined;
  } catch (error) {
    if (error instanceof FieldError) return error;
    throw error;
  }
}

const names = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/),
  fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }).filter((name) => name.trim() !== ''),
);
const { fields } = fc.letrec<{ type: FieldType; fields: Field[] }>((tie) => ({
  type: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...SCALAR_KINDS).map((kind): FieldType => ({ kind })),
    fc
      .uniqueArray(fc.oneof(names, fc.string()), { minLength: 1, maxLength: 4 })
      .map((values): FieldType => ({ kind: 'enum', values })),
    tie('type').map((of): FieldType => ({ kind: 'list', of })),
    tie('type').map((of): FieldType => (of.kind === 'nullable' ? of : { kind: 'nullable', of })),
    tie('fields').map((list): FieldType => ({ kind: 'object', fields: list })),
  ),
  fields: fc
    .uniqueArray(
      fc.record({ name: names, type: tie('type'), description: fc.string() }, { requiredKeys: ['name', 'type'] }),
      { minLength: 1, maxLength: 4, selector: ({ name }) => name },
    )
    .filter((list) => list.every(({ name }) => name !== '__proto__')),
}));

test('what is printed is read back as it was', () => {
  fc.assert(
    fc.property(fields, (list) => {
      expect(parseFields(printFields(list))).toEqual(list);
    }),
    { numRuns: 500 },
  );
});

test('any text is read or refused at a column of it', () => {
  const text = fc.oneof(
    fc.string(),
    fc
      .array(fc.constantFrom('a', 'b', ',', ':', '?', '[]', '{', '}', '|', '"x"', ' ', 'number', '"', '['))
      .map((parts) => parts.join('')),
    // What is cut off anywhere.
    fc.tuple(fields, fc.nat()).map(([list, cut]) => printFields(list).slice(0, cut % 60)),
  );
  fc.assert(
    fc.property(text, (candidate) => {
      const error = errorOf(candidate);
      if (error === undefined) return;
      expect(error.column).toBeGreaterThanOrEqual(1);
      expect(error.column).toBeLessThanOrEqual(candidate.length + 1);
    }),
    { numRuns: 1000 },
  );
});

test('blanks between words mean nothing', () => {
  fc.assert(
    fc.property(fields, fc.constantFrom(' ', '\n', '\t  '), (list, blank) => {
      const spread = printFields(list).replaceAll(
        /("(?:[^"\\]|\\.)*")|([,:|{}])/gsu,
        (_all, quoted?: string, sign?: string) => quoted ?? `${blank}${sign ?? ''}${blank}`,
      );
      expect(parseFields(spread)).toEqual(list);
    }),
  );
});
