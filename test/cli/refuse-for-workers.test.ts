import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { refuseForWorkers } from '../../src/cli/refuse-for-workers.ts';
import { submitFlags } from '../../src/cli/settings/flags/fleet-flags.ts';
import { resolveSettings } from '../../src/cli/settings/settings.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';

const note = defineExtraction({
  name: 'note',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ word: z.string() }),
  instructions: 'Say the word.',
  prompt: '{{text}}',
  request: { maxTokens: 1000, thinking: { budget: 0 } },
});

function submitted(flags: Record<string, string | number>): Promise<void> {
  const settings = resolveSettings([...submitFlags], { baseUrl: 'http://127.0.0.1:9/v1', ...flags }, {});
  return refuseForWorkers(note, settings, {});
}

describe('what every worker would refuse is refused when it is submitted', () => {
  test.each([
    [{ maxTotalTokens: 1000 }],
    [{ maxCost: 0.00001 }],
    [{ poolMaxTotalTokens: 900 }],
    [{ maxTotalTokens: 1000000, poolMaxTotalTokens: 900 }],
  ])('a cap below one call: %o', async (flags) => {
    await expect(submitted(flags)).rejects.toThrow(
      /^Cannot submit note: the cap does not cover a single call: .*Raise the cap, or lower request\.maxTokens/,
    );
  });

  test.each([[{ maxTotalTokens: 5000 }], [{ maxCost: 1 }], [{ maxCost: 0.00001, model: 'own/unpriced' }], [{}]])(
    'and nothing else: %o',
    async (flags) => {
      await submitted(flags);
    },
  );
});
