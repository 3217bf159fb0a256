import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitThoughts, ThoughtSplitter } from '../../src/completion/split-thoughts.ts';

test.each([
  { text: '{"a":1}', content: '{"a":1}', thoughts: undefined },
  { text: '<think>Hm.</think>{"a":1}', content: '{"a":1}', thoughts: 'Hm.' },
  { text: 'a<think>1</think>b<think>2</think>c', content: 'abc', thoughts: '12' },
  { text: '<think>cut off here', content: '', thoughts: 'cut off here' },
  { text: '<think>cut off here</thi', content: '', thoughts: 'cut off here</thi' },
  { text: '<think></think>x', content: 'x', thoughts: '' },
  { text: '<think>a <think> b</think>c', content: 'c', thoughts: 'a <think> b' },
  { text: 'x</think>y<thinking>z<thin', content: 'x</think>y<thinking>z<thin', thoughts: undefined },
])('splitThoughts splits $text', ({ text, content, thoughts }) => {
  expect(splitThoughts(text, 'think')).toEqual({ content, thoughts });
});

test('splitThoughts leaves a text alone where the marker is empty', () => {
  expect(splitThoughts('<>a</>', '')).toEqual({ content: '<>a</>', thoughts: undefined });
});

test('ThoughtSplitter gives the same for a text in pieces, whatever the marker', () => {
  const marker = fc.constantFrom('t', 'think', '<', '<<', '/', 'a.*');
  fc.assert(
    fc.property(
      marker,
      fc.array(
        fc.array(fc.constantFrom('<', '>', '/', 't', 'think', 'x', '<t>', '</t>', '<think>', '</think>', '<<>')),
      ),
      (marker, pieces) => {
        const texts = pieces.map((piece) => piece.join(''));
        let content = '';
        let thoughts = '';
        const splitter = new ThoughtSplitter(marker, (text, isThought) => {
          if (isThought) thoughts += text;
          else content += text;
        });
        for (const text of texts) splitter.push(text);
        splitter.end();
        const whole = splitThoughts(texts.join(''), marker);
        expect({ content, thoughts }).toEqual({ content: whole.content, thoughts: whole.thoughts ?? '' });
      },
    ),
    { numRuns: 1000 },
  );
});
