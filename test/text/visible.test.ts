import { expect, test } from 'vitest';
import { visible, visibleLine } from '../../src/text/visible.ts';

test('visible writes control characters out, and keeps lines and tabs', () => {
  expect(visible('a\u001b[2J\r\n\tb\u009b\u0000\u202e é 漢 🙂')).toBe(
    'a\\u001b[2J\\r\n\tb\\u009b\\u0000\\u202e é 漢 🙂',
  );
});

test('visibleLine makes one line', () => {
  expect(visibleLine('runs/a\nerror: \tb')).toBe('runs/a\\nerror: \\tb');
});
