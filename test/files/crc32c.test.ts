import fc from 'fast-check';
import { expect, it } from 'vitest';
import { crc32c, Crc32c } from '../../src/files/crc32c.ts';

it.each([
  { text: '', base64: 'AAAAAA==' },
  // The check value of the algorithm: 0xe3069283.
  { text: '123456789', base64: '4waSgw==' },
])('is that of RFC 3720 for "$text"', ({ text, base64 }) => {
  expect(crc32c(Buffer.from(text))).toBe(base64);
});

it('is the same however the bytes come', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (pieces) => {
      const sum = new Crc32c();
      for (const piece of pieces) sum.update(piece);
      return sum.digest() === crc32c(Buffer.concat(pieces)) && sum.digest() === slowly(Buffer.concat(pieces));
    }),
  );
});

function slowly(bytes: Uint8Array): string {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  const result = Buffer.alloc(4);
  result.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
  return result.toString('base64');
}
