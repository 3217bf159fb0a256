import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { cuts, readRows, summarize } from './read-rows.ts';

/** `€` is 0x80 in windows-1252 and a control character in latin1. */
const western = Buffer.from('n,t\n1,gr\xf6\xdfe \x80 5\n', 'latin1');

describe('the encoding of an input', () => {
  test.each([
    { encoding: 'windows-1252', bytes: western },
    { encoding: 'latin1', bytes: western },
    { encoding: 'cp1252', bytes: gzipSync(western) },
    { encoding: 'utf-16le', bytes: Buffer.from('\ufeffn,t\r\n1,größe € 5\r\n', 'utf16le') },
    { encoding: 'utf-16be', bytes: Buffer.from('n,t\n1,größe € 5\n', 'utf16le').swap16() },
    { encoding: 'utf-8', bytes: Buffer.from('\ufeffn,t\n1,größe € 5\n') },
  ])('$encoding is read, however the input is cut', async ({ encoding, bytes }) => {
    for (const chunks of cuts(bytes)) {
      expect(summarize(await readRows('csv', chunks, { encoding }))).toEqual(['0 2 {"n":"1","t":"größe € 5"}']);
    }
  });

  test('a name that is none is refused', async () => {
    await expect(readRows('csv', ['a\n1'], { encoding: 'ebcdic' })).rejects.toThrow(
      'Cannot read standard input as "ebcdic": there is no such encoding',
    );
  });

  test('bytes that it does not have end the input', async () => {
    const bytes = Buffer.from('a,b\n1,\xff\xff\n', 'latin1');
    await expect(readRows('csv', [bytes], { encoding: 'shift_jis' })).rejects.toMatchObject({
      message: 'Cannot read standard input: it is not valid shift_jis',
      facts: { advice: 'encoding' },
    });
  });

  test.each(['sep=;\r\na;b\r\n1;"2;3"\r\n', '\ufeffsep=;\na;b\n1;"2;3"\n', '\ufeffa;b\n1;"2;3"\n'])(
    'Excel files are read plain and gzipped: %j',
    async (text) => {
      for (const bytes of [Buffer.from(text), gzipSync(text)]) {
        expect((await readRows('csv', [bytes])).map((row) => row.kind === 'record' && row.fields)).toEqual([
          { a: '1', b: '2;3' },
        ]);
      }
    },
  );
});
