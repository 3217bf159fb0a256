import { z } from 'zod';
import type { CompletionClient } from '../../src/completion/client.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import type { Extraction } from '../../src/extraction/definition.ts';
import type { Strategy } from '../../src/run/ports.ts';
import { prepareExtraction } from '../../src/run/prepare-extraction.ts';
import { chooseStrategy } from '../../src/run/record/choose-strategy.ts';
import { completion, receipt } from '../run/record/scripted-run.ts';
import { describeStrategy } from './strategy-conformance.ts';

const answers = [
  completion({ content: '{"company":"Acme","total":12.5}' }),
  completion({ content: '{"company":"ACME Ltd","total":72.5}' }),
  completion({ content: '{"company":null,"total":null}' }),
  completion({ content: '{"company":"Acme"}' }),
  completion({ content: 'I would say 12.50' }),
  completion({ content: '{"company":"Acme","tot', finishReason: 'length' }),
  completion({ content: undefined, finishReason: 'content_filter' }),
  completion({ content: '', finishReason: 'stop' }),
];

const client: CompletionClient = {
  complete: () => Promise.reject(new Error('Nothing is sent here')),
};

type Ways = Partial<Pick<Extraction, 'samples' | 'variants' | 'cascade' | 'chunk'>>;

function strategyOf(ways: Ways): () => Promise<Strategy> {
  const definition = defineExtraction({
    name: 'receipt',
    model: 'google/gemini-3.5-flash-lite',
    schema: z.object({ company: z.string().nullable(), total: z.number().nullable() }),
    instructions: 'Extract the receipt.',
    prompt: '{{text}}',
    request: { temperature: 0.7, seed: 1 },
    ...ways,
  });
  return async () => {
    const prepared = await prepareExtraction(definition as unknown as Extraction, { client });
    return chooseStrategy(prepared, { save: () => undefined, maxReasks: 2 });
  };
}

const text = Array.from({ length: 12 }, (_, line) => `${line}: Acme Stationers, total 12.50 ${'.'.repeat(30)}`).join(
  '\n',
);
const task = {
  ...receipt,
  fields: { text },
  messages: [
    { role: 'system' as const, content: 'Extract the receipt.' },
    { role: 'user' as const, content: text },
  ],
};

const strong = { strong: 'google/gemini-3.5-flash' };
const ways: Readonly<Record<string, Ways>> = {
  'one question': {},
  'several readings in one call': { samples: 3 },
  'several readings in calls of their own': { samples: { count: 3, apart: true } },
  'a cascade': { cascade: { ...strong } },
  'a cascade of several readings': { samples: { count: 3, apart: true }, cascade: { ...strong } },
  'a long record in parts': { chunk: { chars: 200, at: 'line' } },
  'parts that are read several times': { samples: { count: 2, apart: true }, chunk: { chars: 200, at: 'line' } },
};

for (const [name, way] of Object.entries(ways)) describeStrategy(name, { create: strategyOf(way), task, answers });
