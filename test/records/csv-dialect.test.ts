import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CsvDialectDetector } from '../../src/records/csv-dialect.ts';

test('CsvDialectDetector finds the same however the header is cut', () => {
  const text = fc.array(fc.constantFrom('a', '"', ',', ';', '\t', ' ', '\r', '\n', '\r\n'), { maxLength: 30 });
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 5 }), (parts, step) => {
      const bytes = Buffer.from(parts.join(''));
      const whole = new CsvDialectDetector().detect(bytes, 0, true);
      const detector = new CsvDialectDetector();
      let found;
      for (let length = 0; length < bytes.length && found === undefined; length += step) {
        found = detector.detect(bytes.subarray(0, length), 0, false);
      }
      expect(found ?? detector.detect(bytes, 0, true)).toEqual(whole);
    }),
    { numRuns: 1000 },
  );
});

test('CsvDialectDetector looks at each byte of an endless header once', () => {
  let looks = 0;
  const bytes = Buffer.from('column,'.repeat(1000));
  const counted = (length: number): Buffer =>
    new Proxy(bytes.subarray(0, length), {
      get(target, key) {
        if (typeof key === 'string' && /^\d+$/.test(key)) looks += 1;
        return Reflect.get(target, key, target) as unknown;
      },
    });
  const detector = new CsvDialectDetector();
  for (let length = 70; length <= bytes.length; length += 70) detector.detect(counted(length), 0, false);
  expect(looks).toBe(bytes.length);
});
