import { expect, test } from 'vitest';
import { guessColumns } from '../../../src/init/survey/guess-columns.ts';
import { guessFields } from '../../../src/init/survey/guess-fields.ts';
import type { InputSurvey } from '../../../src/init/survey/survey-input.ts';
import type { JsonObject, JsonValue } from '../../../src/json/value.ts';

function surveyOf(rows: readonly JsonObject[]): InputSurvey {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return {
    input: 'data.jsonl',
    format: 'jsonl',
    records: rows.length,
    columns: names.map((name) => ({
      name,
      values: rows
        .map((row) => row[name])
        .filter((value) => value !== undefined && value !== null && value !== '') as JsonValue[],
      isEverywhere: rows.every((row) => name in row),
    })),
  };
}

const prose = 'A sentence that is long enough to be taken for something that a person wrote.';

test.each<[string, JsonObject[], { id: string | undefined; texts: string[] }]>([
  [
    'id and text by name',
    [
      { id: 1, text: 'a' },
      { id: 2, text: 'b' },
    ],
    { id: 'id', texts: ['text'] },
  ],
  [
    'an id by what it is called',
    [
      { n: 'x1', invoice_no: 'b' },
      { n: 'x2', invoice_no: 'c' },
    ],
    { id: 'invoice_no', texts: ['n'] },
  ],
  [
    'an id by its values',
    [
      { body: prose, ref: 'x1' },
      { body: `${prose}!`, ref: 'x2' },
    ],
    { id: 'ref', texts: ['body'] },
  ],
  [
    'an id that comes twice is none',
    [
      { id: 1, text: 'a' },
      { id: 1, text: 'b' },
    ],
    { id: undefined, texts: ['id', 'text'].slice(1) },
  ],
  [
    'text by its length',
    [
      { id: 1, a: prose, b: 'short' },
      { id: 2, a: prose, b: 'brief' },
    ],
    { id: 'id', texts: ['a'] },
  ],
  [
    'several texts',
    [
      { id: 1, subject: 's', body: prose, comment: 'c' },
      { id: 2, subject: 's', body: prose, comment: 'd' },
    ],
    { id: 'id', texts: ['body', 'comment'] },
  ],
  [
    'no text that stands out: all of it',
    [
      { id: 1, a: 'x', b: 'y' },
      { id: 2, a: 'x', b: 'z' },
    ],
    { id: 'id', texts: ['a', 'b'] },
  ],
  [
    'names that no template can hold are passed over',
    [
      { id: 1, 'a{b}': prose, c: prose },
      { id: 2, 'a{b}': prose, c: prose },
    ],
    { id: 'id', texts: ['c'] },
  ],
  [
    'empty columns are passed over',
    [
      { id: 1, text: '', c: prose },
      { id: 2, text: null, c: prose },
    ],
    { id: 'id', texts: ['c'] },
  ],
])('%s', (_name, rows, roles) => expect(guessColumns(surveyOf(rows))).toEqual(roles));

function fieldsOf(rows: readonly JsonObject[]): unknown {
  const survey = surveyOf(rows);
  const { fields, origin } = guessFields(survey, guessColumns(survey));
  return [
    origin,
    Object.fromEntries(fields.map(({ name, type }) => [name, type.kind === 'nullable' ? type.of.kind : type.kind])),
  ];
}

test('what people filled in beside the text is what they may want: fields by the values of columns', () => {
  const rows = Array.from({ length: 20 }, (_, index) => ({
    id: `r${index}`,
    text: prose,
    'Order date': `2026-01-${String(index + 1).padStart(2, '0')}`,
    total: `${index}.50`,
    pieces: index,
    postcode: `0${1000 + index}`,
    paid: index % 2 === 0 ? 'true' : 'false',
    status: ['open', 'sent', 'lost'][index % 3] ?? '',
    mail: `a${index}@example.com`,
    page: `https://example.com/${index}`,
    tags: ['x'],
  }));
  expect(fieldsOf(rows)).toEqual([
    'columns',
    {
      order_date: 'date',
      total: 'number',
      pieces: 'integer',
      postcode: 'string',
      paid: 'boolean',
      status: 'enum',
      mail: 'email',
      page: 'url',
      tags: 'string',
    },
  ]);
});

test('labels in the texts are fields, by what stands behind them', () => {
  const text = (rent: string, city: string): string =>
    `Flat to let\nCity: ${city}\n  Monthly rent: ${rent}\nDate: 12/01/2026 10:31\nsee http://x`;
  const rows = [
    { id: 1, text: text('780.00 EUR, heating included', 'A') },
    { id: 2, text: text('410.50 all in', 'B') },
    { id: 3, text: 'nothing' },
  ];
  expect(fieldsOf(rows)).toEqual(['labels', { city: 'string', monthly_rent: 'number', date: 'string' }]);
});

test('scanned papers have values on the next line, without colons, and lines that are out of order', () => {
  const paper = (index: number): string =>
    [
      'ACME STORES LTD',
      'DATE:',
      `${10 + index}/03/2026`,
      'NOTE 4 OF 5',
      'TOTAL (EUR):',
      index === 4 ? 'THANK YOU' : `${index}.50`,
      'CASH',
      'EUR 20.00',
      'CASHIER:',
      'REF: X1',
      'PLEASE COME AGAIN',
    ].join('\n');
  const rows = Array.from({ length: 10 }, (_, index) => ({ id: index, text: index < 6 ? paper(index) : prose }));
  expect(fieldsOf(rows)).toEqual(['labels', { date: 'string', total: 'number', cash: 'number', ref: 'string' }]);
});

test('the most usual labels come first', () => {
  const rows = Array.from({ length: 9 }, (_, index) => ({
    id: index,
    text: `${index % 3 === 0 ? 'Fax: 1\n' : ''}Total: 2\n${index % 2 === 0 ? 'Change: 3' : ''}`,
  }));
  const survey = surveyOf(rows);
  const { fields } = guessFields(survey, { id: 'id', texts: ['text'] });
  expect(fields.map(({ name }) => name)).toEqual(['total', 'change', 'fax']);
});

test('where nothing tells, there is one field to begin with', () => {
  expect(
    fieldsOf([
      { id: 1, text: prose },
      { id: 2, text: `${prose} More.` },
    ]),
  ).toEqual(['none', { summary: 'string' }]);
});

test('a label that one record of many has is no field', () => {
  const rows = Array.from({ length: 10 }, (_, index) => ({ id: index, text: index === 0 ? 'Note: x' : prose }));
  expect(fieldsOf(rows)).toEqual(['none', { summary: 'string' }]);
});
