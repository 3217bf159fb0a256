import fc from 'fast-check';
import { expect, test } from 'vitest';
import { roughTokenCount, TokenEstimate } from '../../src/pacing/token-estimate.ts';
import { anyText } from '../any-text.ts';

test.each([
  { name: 'nothing', text: '', least: 0, most: 0 },
  { name: 'English', text: 'The quick brown fox jumps over the lazy dog.', least: 8, most: 14 },
  { name: 'digits', text: '1234567890', least: 10, most: 10 },
  { name: 'CSV', text: '2026-11-23,ACME,19.90\n', least: 14, most: 24 },
  { name: 'Chinese', text: '快速的棕色狐狸跳过懒狗', least: 5, most: 11 },
  { name: 'Cyrillic', text: 'съешь ещё этих мягких булок', least: 7, most: 14 },
])('roughTokenCount of $name is between $least and $most', ({ text, least, most }) => {
  expect(roughTokenCount(text)).toBeGreaterThanOrEqual(least);
  expect(roughTokenCount(text)).toBeLessThanOrEqual(most);
});

test('roughTokenCount of a whole is the sum of its parts', () => {
  fc.assert(
    fc.property(anyText(), anyText(), (left, right) => {
      expect(roughTokenCount(left + right)).toBeCloseTo(roughTokenCount(left) + roughTokenCount(right));
    }),
  );
});

test('TokenEstimate counts the text of every message and a flat amount for media', () => {
  const estimate = new TokenEstimate();
  const image = { type: 'image_url' as const, image_url: { url: 'data:image/png;base64,AAAA' } };
  const prompt = estimate.roughPrompt([
    { role: 'system', content: '12345' },
    { role: 'user', content: [{ type: 'text', text: '678' }, image] },
  ]);
  expect(prompt).toBe(8 + 1120);
});

test('TokenEstimate begins with a guess of the answer', () => {
  expect(new TokenEstimate().total(100)).toBe(356);
  expect(new TokenEstimate(50).total(100)).toBe(150);
});

test('TokenEstimate takes its first figures from the first call', () => {
  const estimate = new TokenEstimate();
  estimate.learn(100, { prompt: 140, total: 170 });
  expect(estimate.total(100)).toBe(170);
  expect(estimate.total(200)).toBe(310);
});

test('TokenEstimate comes within 5 % of what calls really cost, and follows when that changes', () => {
  const estimate = new TokenEstimate();
  const learn = (ratio: number, answer: number): void => {
    for (let call = 0; call < 50; call += 1) {
      const rough = 200 + ((call * 37) % 400);
      const noise = 0.8 + ((call * 7) % 10) * 0.0444;
      estimate.learn(rough, { prompt: rough * ratio * noise, total: rough * ratio * noise + answer * noise });
    }
  };
  learn(1.6, 300);
  expect(estimate.total(400) / (400 * 1.6 + 300)).toBeCloseTo(1, 1);
  learn(0.7, 80);
  expect(estimate.total(400) / (400 * 0.7 + 80)).toBeCloseTo(1, 1);
});

test('TokenEstimate learns nothing from a call without usage or without text', () => {
  const estimate = new TokenEstimate();
  estimate.learn(100, { prompt: 0, total: 0 });
  estimate.learn(0, { prompt: 1200, total: 1300 });
  expect(estimate.total(100)).toBe(356);
});
