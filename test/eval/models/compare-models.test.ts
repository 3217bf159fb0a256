import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { CompletionClient } from '../../../src/completion/client.ts';
import { compareModels, type CandidateRun, type ModelsCompared } from '../../../src/eval/models/compare-models.ts';
import { defineExtraction } from '../../../src/extraction/define-extraction.ts';
import { run } from '../../../src/run/run.ts';
import { completion } from '../../run/record/scripted-run.ts';
import { temporaryDirectory } from '../../store/temporary-directory.ts';

const word = {
  name: 'word',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ word: z.string() }),
  prompt: '{{text}}',
  id: 'id',
};
const extraction = defineExtraction({ ...word, instructions: 'Say the word.' });
const louder = defineExtraction({ ...word, name: 'louder', instructions: 'Say it LOUD.' });

/** Answers the word itself; a 2.5 model is wrong about every other one, and whoever is asked to be loud about none. */
function echo(): CompletionClient & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    complete({ messages, model = '' }) {
      const said = String(messages.at(-1)?.content);
      asked.push(`${model} ${said}`);
      const isWrong = model.includes('2.5') && Number(said.at(-1)) % 2 === 1;
      const usage = { prompt: 100, cached: 0, completion: 10, reasoning: 0, total: 110 };
      return Promise.resolve(completion({ content: JSON.stringify({ word: isWrong ? 'what?' : said }), model, usage }));
    },
  };
}

function goldFile(): { gold: string; out: string } {
  const at = temporaryDirectory();
  const gold = join(at, 'gold.csv');
  const rows = Array.from({ length: 8 }, (_, index) => `n${index},say ${index},say ${index}`);
  writeFileSync(gold, `id,text,word\n${rows.join('\n')}\n`);
  return { gold, out: join(at, 'runs') };
}

const models = ['google/gemini-3.5-flash-lite', 'google/gemini-2.5-flash'];

function kindOf(compared: ModelsCompared): string {
  return compared.kind === 'compared' ? 'compared' : `${compared.kind} ${compared.name}`;
}

test('a program compares models and definitions with runs of its own, and pays for nothing twice', async () => {
  const { gold, out } = goldFile();
  const client = echo();
  const compare = (): Promise<ModelsCompared> =>
    compareModels(extraction, gold, {
      candidates: [...models, { name: 'louder', extraction: louder }],
      runCandidate: (candidate, work) => run(candidate.extraction, { ...work, client }),
      out,
    });
  const compared = await compare();
  expect(compared).toMatchObject({
    kind: 'compared',
    comparison: {
      records: 8,
      candidates: [
        { name: models[0], f1: 1, model: models[0] },
        { name: models[1], f1: 0.5, model: models[1] },
        { name: 'louder', f1: 1, model: models[0] },
      ],
      pairs: [
        { onlyFirst: 4, onlySecond: 0, p: 0.125 },
        { onlyFirst: 0, onlySecond: 0, p: 1 },
        { onlyFirst: 0, onlySecond: 4 },
      ],
    },
  });
  expect(client.asked).toHaveLength(24);
  // The gold column stands in the input, too, and is not sent.
  expect(client.asked.every((said) => /^\S+ say \d$/.test(said))).toBe(true);
  expect(await compare()).toEqual(compared);
  expect(client.asked).toHaveLength(24);
});

test('caps are for all runs together: what one has spent the next cannot, on another day neither', async () => {
  const { gold, out } = goldFile();
  const client = echo();
  const given: CandidateRun[] = [];
  const compare = async (caps: { maxTotalTokens?: number; maxCostUsd?: number }): Promise<string> =>
    kindOf(
      await compareModels(extraction, gold, {
        candidates: models,
        runCandidate: (candidate, work) => {
          given.push(work);
          return run(candidate.extraction, { ...work, client });
        },
        out,
        ...caps,
      }),
    );
  expect(await compare({ maxTotalTokens: 880 * 1000 })).toBe('compared');
  expect(given.map(({ maxTotalTokens }) => maxTotalTokens)).toEqual([880_000, 880_000 - 880]);
  // The second has spent as much: of a cap of both together nothing is left for either.
  expect(await compare({ maxTotalTokens: 880 })).toBe(`capped ${models[0]}`);
  expect(await compare({ maxCostUsd: 0.000_01 })).toBe(`capped ${models[0]}`);
  expect(await compare({ maxCostUsd: 100 })).toBe('compared');
  const [first, second] = given.slice(-2).map(({ maxCostUsd = 0 }) => maxCostUsd);
  expect(first).toBeLessThan(100);
  expect(second).toBeLessThan(100);
  expect(client.asked).toHaveLength(16);
});

test('a run that stops before its end, or does not begin, ends the comparison and says whose it is', async () => {
  const { gold, out } = goldFile();
  const client = echo();
  const stopped = await compareModels(extraction, gold, {
    candidates: models,
    runCandidate: (candidate, work) => run(candidate.extraction, { ...work, client, maxTotalTokens: 2000 }),
    out,
  });
  expect(stopped).toMatchObject({ kind: 'stopped', name: models[0], summary: { out: expect.any(String) } });
  const notBegun = await compareModels(extraction, gold, {
    candidates: models,
    runCandidate: () => Promise.resolve(undefined),
    out,
  });
  expect(notBegun).toEqual({ kind: 'stopped', name: models[0] });
});

test.each<[string, string[], RegExp]>([
  ['none', [], /name at least one/],
  ['one twice', ['a', 'a'], /two of them would have the run directory .*a; name each once/],
  ['two whose directories are one', ['a/b', 'a b'], /two of them would have the run directory/],
])('candidates that cannot be told apart: %s', async (_name, candidates, message) => {
  const { gold, out } = goldFile();
  const runCandidate = (): Promise<undefined> => Promise.resolve(undefined);
  await expect(compareModels(extraction, gold, { candidates, runCandidate, out })).rejects.toThrow(message);
});
