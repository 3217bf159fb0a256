import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ApiError } from '../../src/completion/api-error.ts';
import { SseReader } from '../../src/completion/sse-reader.ts';

function read(pieces: readonly Uint8Array[], maxLineBytes?: number): string[] {
  const events: string[] = [];
  const reader = new SseReader((data) => events.push(data), { maxLineBytes });
  for (const piece of pieces) reader.push(Buffer.from(piece));
  reader.end();
  return events;
}

const cases: { name: string; input: string | Buffer; output: string[] }[] = [
  { name: 'an event', input: 'data: a\n\n', output: ['a'] },
  { name: 'two events', input: 'data: a\n\ndata: b\n\n', output: ['a', 'b'] },
  { name: 'no space after the colon', input: 'data:a\n\n', output: ['a'] },
  { name: 'one space of two', input: 'data:  a \n\n', output: [' a '] },
  { name: 'CR LF', input: 'data: a\r\n\r\ndata: b\r\n\r\n', output: ['a', 'b'] },
  { name: 'CR', input: 'data: a\r\rdata: b\r\r', output: ['a', 'b'] },
  { name: 'all line ends mixed', input: 'data: a\r\ndata: b\rdata: c\n\r\ndata: d\n\r', output: ['a\nb\nc', 'd'] },
  { name: 'several data lines', input: 'data: a\ndata:\ndata: b\n\n', output: ['a\n\nb'] },
  { name: 'a field without a colon', input: 'data\ndata: a\n\ndatabase: b\n\ndata\n\n', output: ['\na'] },
  { name: 'comments', input: ': hello\n\n:\ndata: a\n: x\n\n', output: ['a'] },
  { name: 'other fields', input: 'event: x\nid: 7\nretry: 10\ndata: a\nfoo\n\n', output: ['a'] },
  { name: 'a field that only looks like data', input: ' data: a\nData: b\nxdata: c\n\n', output: [] },
  { name: 'empty data', input: 'data:\n\ndata: \n\n', output: [] },
  { name: 'a byte order mark', input: '\ufeffdata: a\n\n\ufeffdata: b\n\n', output: ['a'] },
  { name: 'a mark inside data', input: 'data: \ufeffa\n\n', output: ['\ufeffa'] },
  { name: 'characters of 2, 3 and 4 bytes', input: 'data: ü€🎒\n\n', output: ['ü€🎒'] },
  {
    name: 'the line separators of Unicode, which end no line',
    input: 'data: a\u2028b\u0085c\n\n',
    output: ['a\u2028b\u0085c'],
  },
  { name: 'no blank line at the end', input: 'data: a\n\ndata: b\n', output: ['a', 'b'] },
  { name: 'no line end at the end', input: 'data: a\n\ndata: b', output: ['a', 'b'] },
  { name: 'bytes that are no UTF-8', input: Buffer.from('data: \xff\xc3(\n\n', 'latin1'), output: ['\ufffd\ufffd('] },
  { name: 'nothing', input: '', output: [] },
];

test.each(cases)('reads $name, cut anywhere', ({ input, output }) => {
  const bytes = Buffer.from(input);
  expect(read([bytes])).toEqual(output);
  expect(read(Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(output);
  for (let first = 0; first <= bytes.length; first++) {
    for (let second = first; second <= bytes.length; second++) {
      const pieces = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
      expect(read(pieces)).toEqual(output);
    }
  }
});

/** What the specification says, line by line, over a text that is all there. */
function specified(bytes: Uint8Array): string[] {
  const lines = Buffer.from(bytes)
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/);
  const events: string[] = [];
  let data: string[] = [];
  for (const line of [...lines, '']) {
    if (line === '') {
      if (data.join('\n') !== '') events.push(data.join('\n'));
      data = [];
    } else if (line === 'data') data.push('');
    else if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
  }
  return events;
}

const pieces = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc
      .array(fc.constantFrom('data:', 'data', ' ', 'a', 'ü', '🎒', '\n', '\r', '\r\n', '\n\n', ':', 'id: 3', '\ufeff'))
      .map((texts) => Buffer.from(texts.join(''))),
  ),
);

test('gives what the specification says for any bytes in any pieces', () => {
  fc.assert(
    fc.property(pieces, (pieces) => {
      expect(read(pieces)).toEqual(specified(Buffer.concat(pieces)));
    }),
    { numRuns: 2000 },
  );
});

test('a line over the limit ends the stream, in whatever pieces it comes', () => {
  const fits = Buffer.from('data: 4567890\r\n\r\n');
  const tooLong = Buffer.from('data: 45678901\n\n');
  for (const size of [1, 3, 100]) {
    const cut = (bytes: Buffer) =>
      Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      );
    expect(read(cut(fits), 13)).toEqual(['4567890']);
    expect(() => read(cut(tooLong), 13)).toThrow(ApiError);
  }
  expect(() => read([Buffer.from('data: 567890\n'.repeat(9))], 50)).toThrow('an event is larger than 50 bytes');
});
