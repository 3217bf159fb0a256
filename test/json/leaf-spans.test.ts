import fc from 'fast-check';
import { expect, test } from 'vitest';
import { valueAt } from '../../src/json/at-pointer.ts';
import { leafSpans } from '../../src/json/leaf-spans.ts';
import type { JsonValue } from '../../src/json/value.ts';

test('a text stands inside its quotation marks, everything else as it is', () => {
  const text = '{"a": "b\\"c", "list": [1.5, {"x/y": null}, ""]}';
  expect(leafSpans(text).map(({ path, start, end }) => [path, text.slice(start, end)])).toEqual([
    ['/a', 'b\\"c'],
    ['/list/0', '1.5'],
    ['/list/1/x~1y', 'null'],
    ['/list/2', '""'],
  ]);
  expect(leafSpans('7')).toEqual([{ path: '', start: 0, end: 1 }]);
});

test('every value of any JSON text is found where its pointer leads', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2), (given, indent) => {
      const text = JSON.stringify(given, undefined, indent);
      const value = JSON.parse(text) as JsonValue;
      for (const { path, start, end } of leafSpans(text)) {
        const found = valueAt(value, path);
        const written =
          typeof found === 'string' && found !== '' ? `"${text.slice(start, end)}"` : text.slice(start, end);
        expect(JSON.parse(written)).toEqual(found);
      }
    }),
  );
});
