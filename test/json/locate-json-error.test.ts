import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { locateJsonError } from '../../src/json/locate-json-error.ts';

const cases: { text: string; position: number | undefined }[] = [
  { text: '{"a":1}', position: undefined },
  { text: ' [1, -0.5e+3, "\\u00e4", true, {}, []] ', position: undefined },
  { text: '', position: 0 },
  { text: '{', position: 1 },
  { text: '{"a":1,}', position: 7 },
  { text: '[1,]', position: 3 },
  { text: "{'a':1}", position: 1 },
  { text: '{"a" 1}', position: 5 },
  { text: '{"a":1} x', position: 8 },
  { text: '{"a":trux}', position: 8 },
  { text: '{"a":01}', position: 6 },
  { text: '{"a":1.}', position: 7 },
  { text: '{"a":"\\x"}', position: 7 },
  { text: '{"a":"\\u12g4"}', position: 10 },
  { text: '{"a":"tab\there"}', position: 9 },
  { text: '{"a":"open', position: 10 },
  { text: '[1}', position: 2 },
  { text: '{"a":NaN}', position: 5 },
];

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('locateJsonError', () => {
  test.each(cases)('$text breaks at $position', ({ text, position }) => {
    expect(locateJsonError(text)).toBe(position);
  });

  test('agrees with JSON.parse on what JSON is', () => {
    const damaged = fc
      .tuple(fc.json(), fc.nat(), fc.nat({ max: 3 }), fc.constantFrom('', ',', '"', '}', '[', '\\', '0', '-', 'e', '.'))
      .map(([text, at, cut, put]) => {
        const start = at % (text.length + 1);
        return text.slice(0, start) + put + text.slice(start + cut);
      });
    fc.assert(
      fc.property(damaged, (text) => {
        expect(locateJsonError(text) === undefined).toBe(isJson(text));
      }),
      { numRuns: 2000 },
    );
  });
});
