import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EchoFrame } from '../../src/batch/echo-frame.ts';
import { digestTexts, listTexts, type SaidText } from '../../src/native/digest-texts.ts';

const INSTRUCTIONS = { parts: [{ text: 'Extract the receipt.' }] };
const CONFIG = { temperature: 0, responseSchema: { type: 'OBJECT', properties: { request: { type: 'STRING' } } } };

/** A line as a job writes it. */
function lineOf(texts: readonly string[], { key = '0000000001', space = 0 } = {}): string {
  const contents = [{ parts: texts.map((text) => ({ fileData: null, text })), role: 'user' }];
  const request = { contents, generationConfig: CONFIG, systemInstruction: INSTRUCTIONS };
  return JSON.stringify({ key, status: '', request, response: { candidates: [{ texts }] } }, null, space).replaceAll(
    '\n',
    ' ',
  );
}

const said = (...texts: string[]): SaidText[] => texts.map((value) => ({ kind: 't', value }));

describe('a frame of echoed requests', () => {
  it('takes the request out of a line that has it around the texts of the record', () => {
    const frame = EchoFrame.learn(lineOf(['Shop A, 3.50']), said('Shop A, 3.50'));
    const line = lineOf(['Shop B\n"7.10" \\ äöü 漢'], { key: '0000000002' });
    expect(frame?.strip(line, said('Shop B\n"7.10" \\ äöü 漢'))).toEqual({
      key: '0000000002',
      status: '',
      request: null,
      response: { candidates: [{ texts: ['Shop B\n"7.10" \\ äöü 漢'] }] },
    });
  });

  it.each([
    { name: 'another text', line: lineOf(['Shop C']) },
    { name: 'one text more', line: lineOf(['Shop B', '']) },
    { name: 'other instructions', line: lineOf(['Shop B']).replace('the receipt', 'the invoice') },
    { name: 'another schema', line: lineOf(['Shop B']).replace('STRING', 'NUMBER') },
    { name: 'other spaces', line: lineOf(['Shop B'], { space: 1 }) },
    { name: 'no request', line: '{"key":"0000000001","status":"","response":{}}' },
    { name: 'a torn end', line: lineOf(['Shop B']).slice(0, -2) },
    {
      name: 'the request inside of another member',
      line: `{"beside":${lineOf(['Shop B'])},"status":"","response":{}}`,
    },
  ])('says nothing of a line with $name', ({ line }) => {
    const frame = EchoFrame.learn(lineOf(['Shop A']), said('Shop A'));
    expect(frame?.strip(lineOf(['Shop B']), said('Shop B'))).toBeDefined();
    expect(frame?.strip(line, said('Shop B'))).toBeUndefined();
  });

  it('tells a text from the address of a file', () => {
    const frame = EchoFrame.learn(lineOf(['gs://bucket/a.png']), said('gs://bucket/a.png'));
    const address: SaidText = { kind: 'f', value: 'gs://bucket/b.png' };
    expect(frame?.strip(lineOf(['gs://bucket/b.png']), said('gs://bucket/b.png'))).toBeDefined();
    expect(frame?.strip(lineOf(['gs://bucket/b.png']), [address])).toBeUndefined();
  });

  it('does not take an escape for what it stands for', () => {
    const frame = EchoFrame.learn(lineOf(['a']), said('a'));
    expect(frame?.strip(lineOf(['one\ntwo']), said('one\\ntwo'))).toBeUndefined();
    expect(frame?.strip(lineOf(['one\\ntwo']), said('one\\ntwo'))).toBeDefined();
  });

  it('is not learned where a text cannot be told from what stands around it', () => {
    expect(EchoFrame.learn(lineOf(['role']), said('role'))).toBeDefined();
    expect(EchoFrame.learn(lineOf(['fileData']), said('fileData'))).toBeUndefined();
    expect(EchoFrame.learn(lineOf(['Shop A']).slice(0, 60), said('Shop A'))).toBeUndefined();
  });

  it('reads what a whole parse reads, and takes no line that a whole parse would not take', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('', '"}],"role":"user"', '\\', '"', '","', 'role', 'mark 0', '"request":{}', '{"text":"a"}'),
    );
    const texts = fc.array(text, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(texts, texts, texts, (first, echoed, asked) => {
        const frame = EchoFrame.learn(lineOf(first), said(...first));
        const line = lineOf(echoed);
        const whole = JSON.parse(line) as { request: unknown };
        expect([undefined, JSON.stringify({ ...whole, request: null })]).toContain(
          JSON.stringify(frame?.strip(line, said(...echoed))),
        );
        if (digestTexts(listTexts(whole.request)) === digestTexts(said(...asked))) return;
        expect(frame?.strip(line, said(...asked))).toBeUndefined();
      }),
    );
  });
});
