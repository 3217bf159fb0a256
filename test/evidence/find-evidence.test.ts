import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../src/evidence/evidence.ts';
import { findEvidence } from '../../src/evidence/find-evidence.ts';
import type { JsonValue } from '../../src/json/value.ts';

function find(text: string, data: JsonValue): Evidence[] {
  return findEvidence(data, [{ field: undefined, text }]);
}

/** How one value is found, and what stands at the place. */
function place(text: string, value: JsonValue): [string, string | null] {
  const [evidence] = find(text, { value });
  if (evidence === undefined) throw new Error('A value without any evidence, not even none');
  const { match, start, end } = evidence;
  return [match, start === null || end === null ? null : text.slice(start, end)];
}

describe('one value in a text', () => {
  const cases: readonly [name: string, text: string, value: JsonValue, match: string, stands: string | null][] = [
    ['accents left off', 'Anna-Maria Müller', 'Anna Maria Muller', 'normalized', 'Anna-Maria Müller'],
    ['a mark that makes another letter', 'мой дом', 'мои дом', 'none', null],
    ['lowered digits', 'CO₂ levels', 'CO2 levels', 'normalized', 'CO₂ levels'],
    ['a raised note', 'Total 12¹ net', 'Total 121 net', 'none', null],
    ['a fraction without a zero', 'only $.99', 0.99, 'value', '.99'],
    ['a fraction inside of a number', 'x 0.5', '.5', 'value', '0.5'],
    ['a date with its day', 'Mon 3 Feb 2020', 'Monday, February 3, 2020', 'value', '3 Feb 2020'],
    ['as it is', 'Sold by Blue Kettle Ltd today', 'Blue Kettle Ltd', 'exact', 'Blue Kettle Ltd'],
    ['not inside a word', 'Bluebells', 'Blue', 'none', null],
    ['not inside a number', 'TOTAL 19.00', '9.00', 'none', null],
    ['over lines, with other signs', 'NO. 7,\nMILL LANE.', 'No 7 Mill Lane', 'normalized', 'NO. 7,\nMILL LANE'],
    ['with a decimal point that is not there', 'net 15 kg', '1.5 kg', 'none', null],
    ['without a decimal point that is there', 'net 1.5 kg', '15 kg', 'none', null],
    ['with thousands grouped otherwise', 'at 1,250 Main Street', '1250 Main Street', 'normalized', '1,250 Main Street'],
    ['sharp s and capitals', 'HAUPTSTRASSE 5', 'Hauptstraße 5', 'normalized', 'HAUPTSTRASSE 5'],
    ['full-width letters', 'ＡＢＣ　Trading', 'ABC Trading', 'normalized', 'ＡＢＣ　Trading'],
    ['accents in two signs', 'Cafe\u0301 Luna', 'CAFÉ LUNA', 'normalized', 'Cafe\u0301 Luna'],
    [
      'most of its words',
      'Mill Lane Road Oakham Rutland',
      'Mill Lane Oakham Rutland',
      'fuzzy',
      'Mill Lane Road Oakham Rutland',
    ],
    ['half of its words', 'Mill Lane, Leeds', 'Mill Lane Oakham Rutland', 'none', null],
    ['its words in another order', 'Rutland Oakham Lane Mill', 'Mill Lane Oakham Rutland', 'none', null],
    ['its words far apart', `Mill ${'x '.repeat(20)} Lane Oakham`, 'Mill Lane Oakham', 'none', null],
    ['Han, without blanks', '請於東京都千代田區領取', '東京都千代田區', 'exact', '東京都千代田區'],
    ['Han with a blank more', '東京 都千代田區', '東京都千代田區', 'normalized', '東京 都千代田區'],
    ['Kana', 'ありがとうさくら商店です', 'さくら商店', 'exact', 'さくら商店'],
    ['Thai', 'ร้านกาแฟดอยช้างเชียงราย', 'กาแฟดอยช้าง', 'exact', 'กาแฟดอยช้าง'],
    ['Thai, but not without its tone mark', 'ร้านช้าง', 'ชาง', 'none', null],
    ['a number as it is', 'Total 12.5', 12.5, 'exact', '12.5'],
    ['a number with more zeros', 'Total 9.00', 9, 'value', '9.00'],
    ['a number whose sign is elsewhere', 'Refund (4.20)', -4.2, 'value', '4.20'],
    ['thousands with commas', 'Total 1,234.50 EUR', 1234.5, 'value', '1,234.50'],
    ['thousands with points', 'Summe 1.234,50 EUR', 1234.5, 'value', '1.234,50'],
    ['thousands with blanks', 'Somme 1 234,50', 1234.5, 'value', '1 234,50'],
    ['numbers side by side', 'size 10 200 mm', 200, 'exact', '200'],
    ['Indian groups', 'INR 12,34,567.00', 1_234_567, 'value', '12,34,567.00'],
    ['Swiss groups', "CHF 1'200.-", 1200, 'value', "1'200"],
    ['one comma, as a fraction', '1,234 kg', 1.234, 'value', '1,234'],
    ['one comma, as thousands', '1,234 kg', 1234, 'value', '1,234'],
    ['a share in per cent', 'VAT 19 %', 0.19, 'value', '19'],
    ['Arabic digits', 'المجموع ١٢٫٥', 12.5, 'value', '١٢٫٥'],
    [
      'more digits than a double holds',
      'No 12345678901234567890',
      '12345678901234567890',
      'exact',
      '12345678901234567890',
    ],
    ['the month of a date is no number', '31.01.2026', 1, 'none', null],
    ['the first of several', '1,22,3333', 22, 'exact', '22'],
    ['a number that is not there', 'Total 12.50', 12.55, 'none', null],
    ['a number in a text, written otherwise', 'RM 9.00', '9', 'value', '9.00'],
    ['a name with digits is no number', 'Gate 12', 'A12', 'none', null],
    ['an ISO date as it is', 'on 2018-12-25 at', '2018-12-25', 'exact', '2018-12-25'],
    ['day first, where only that is a date', 'DATE: 25/12/2018', '2018-12-25', 'value', '25/12/2018'],
    ['month first, where only that is a date', '12/25/2018', '2018-12-25', 'value', '12/25/2018'],
    ['two readings', 'on 03/04/2018', '2018-04-03', 'ambiguous', '03/04/2018'],
    ['two readings, the other', 'on 03/04/2018', '2018-03-04', 'ambiguous', '03/04/2018'],
    ['two readings that are one', 'on 04/04/2018', '2018-04-04', 'value', '04/04/2018'],
    ['another day', '25/12/2018', '2018-12-24', 'none', null],
    ['a month by name', 'the 3rd of March 2018', '2018-03-03', 'value', '3rd of March 2018'],
    ['a month by name, before the day', 'March 12, 2018', '2018-03-12', 'value', 'March 12, 2018'],
    ['a short month and year', '03-MAR-18', '2018-03-03', 'value', '03-MAR-18'],
    ['a month in German', 'den 3. März 2018', '2018-03-03', 'value', '3. März 2018'],
    ['a month in Spanish', '3 de marzo de 2018', '2018-03-03', 'value', '3 de marzo de 2018'],
    ['Han dates', '2018年3月3日', '2018-03-03', 'value', '2018年3月3日'],
    ['a Buddhist year', '25/12/2561', '2018-12-25', 'value', '25/12/2561'],
    ['a date and time', '25.12.2018 20:13', '2018-12-25T20:13:00Z', 'value', '25.12.2018'],
    ['a month of a date', 'December 2018', '2018-12', 'value', 'December 2018'],
    ['a date of another form', '2018-12-25', '25/12/2018', 'value', '2018-12-25'],
  ];

  test.each(cases)('%s', (_name, text, value, match, stands) => {
    expect(place(text, value)).toEqual([match, stands]);
  });
});

test('what is not copied from a text has no evidence at all: nulls, booleans, empty texts, prose, choices of a closed set', () => {
  const schema = {
    type: 'object',
    properties: { kind: { anyOf: [{ enum: ['food', 'fuel'] }, { type: 'null' }] }, name: { type: 'string' } },
  };
  const data = { kind: 'food', name: 'Blue Kettle', paid: true, note: null, remark: ' ', prose: 'word '.repeat(80) };
  const found = findEvidence(data, [{ field: 'text', text: 'Blue Kettle' }], { schema });
  expect(found).toEqual([{ path: '/name', start: 0, end: 11, match: 'exact', occurrences: 1, field: 'text' }]);
});

test('a value that the schema made something else of is looked for as it was answered', () => {
  const [found] = findEvidence({ size: 'LARGE CUP' }, [{ field: 'text', text: 'one cup (big)' }], {
    answer: { size: 'cup (big)' },
  });
  expect(found).toMatchObject({ path: '/size', match: 'exact', start: 4 });
});

test('the first text that has the value decides, and its field is named', () => {
  const texts = [
    { field: 'subject', text: 'Order' },
    { field: 'body', text: 'Order 77 is late' },
  ];
  expect(findEvidence({ subject: 'Order', number: 77 }, texts)).toEqual([
    { path: '/subject', start: 0, end: 5, match: 'exact', occurrences: 1, field: 'subject' },
    { path: '/number', start: 6, end: 8, match: 'exact', occurrences: 1, field: 'body' },
  ]);
});

describe('which occurrence', () => {
  const receipt = 'TEA\n4.00\nTOTAL\n4.00\nCASH\n10.00\nCHANGE\n6.00\nTOTAL PAID 4.00\nTHANKS 4.00';

  test('that with most words of its name beside it; a sum takes the last of equal ones', () => {
    const [total] = find(receipt, { total: '4.00' });
    expect(total).toMatchObject({ start: receipt.indexOf('PAID') + 5, occurrences: 4 });
    const [cash] = find('10.00\nCASH 10.00\n10.00 x\nfoo\n10.00', { cash: '10.00' });
    expect(cash).toMatchObject({ start: 11, occurrences: 4 });
  });

  test('a description of the field helps', () => {
    const schema = { properties: { a: { type: 'number', description: 'Change given back' } } };
    const text = '5.00 tea\n\nchange 5.00\n\n5.00';
    const [found] = findEvidence({ a: 5 }, [{ field: undefined, text }], { schema });
    expect(found?.start).toBe(text.indexOf('change') + 7);
  });

  test('without names: that closest to what stands in one place only', () => {
    const text = `77 ${'.'.repeat(300)} Anna Berg, room 77`;
    const [, code] = find(text, { person: 'Anna Berg', code: 77 });
    expect(code?.start).toBe(text.lastIndexOf('77'));
  });

  test('equal items of a list take one occurrence after the other', () => {
    const text = 'tea 4.00\ncake 4.00\ntea 4.00\ntea 2.00';
    const data = {
      items: [
        { name: 'tea', price: 4 },
        { name: 'cake', price: 4 },
        { name: 'tea', price: 4 },
        { name: 'tea', price: 2 },
      ],
    };
    const starts = find(text, data).map(({ path, start }) => [path, start]);
    expect(starts).toEqual([
      ['/items/0/name', 0],
      ['/items/0/price', 4],
      ['/items/1/name', 9],
      ['/items/1/price', 14],
      ['/items/2/name', 19],
      ['/items/2/price', 23],
      ['/items/3/name', 28],
      ['/items/3/price', 32],
    ]);
  });

  test('a list of texts keeps the order, and what is out of order is found all the same', () => {
    const found = find('red blue red green', { colours: ['red', 'green', 'red', 'blue'] });
    expect(found.map(({ start }) => start)).toEqual([0, 13, 0, 4]);
  });
});

test('law: a value cut out of the text at word borders is found, and its slice has the same letters', () => {
  const word = fc.stringMatching(/^[a-zà-öø-ÿ]{3,9}$/);
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 30 }),
      fc.nat(),
      fc.nat(),
      fc.constantFrom(' ', ', ', '\n', ' - '),
      (words, a, b, gap) => {
        const from = a % words.length;
        const to = from + 1 + (b % (words.length - from));
        const value = words.slice(from, to).join(' ');
        const text = words.map((one, at) => (at % 2 === 0 ? one : one.toUpperCase())).join(gap);
        const [found] = find(text, { value });
        if (found?.match === 'none' || found === undefined) throw new Error('not found');
        const letters = (part: string): string => part.toLowerCase().replaceAll(/[^\p{L}]/gu, '');
        if (found.match !== 'fuzzy') expect(letters(text.slice(found.start ?? 0, found.end ?? 0))).toBe(letters(value));
      },
    ),
  );
});

test('law: any text and any value end without an error, and offsets lie in the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.jsonValue(), fc.double(), (text, data, number) => {
      for (const { start, end } of find(text, [
        data as JsonValue,
        Number.isFinite(number) ? number : 0,
        text.slice(3, 40),
      ])) {
        if (start === null || end === null) continue;
        expect(start >= 0 && start < end && end <= text.length).toBe(true);
      }
    }),
  );
});

test('a long hostile text takes bounded work', () => {
  const text = 'a b '.repeat(200_000);
  const value = Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? 'b' : 'a c')).join(' ');
  expect(place(text, value)[0]).toMatch(/none|fuzzy/);
  expect(place('1,'.repeat(200_000), 7)[0]).toBe('none');
  expect(place('1 '.repeat(200_000), '2018-01-02')[0]).toBe('none');
  expect(place('1.'.repeat(200_000), 'April 1, 2018')[0]).toBe('none');
});
