import { defineExtraction } from 'gleaner';
import { z } from 'zod';

export default defineExtraction({
  name: 'note',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ name: z.string(), total: z.number().nullable() }),
  instructions: 'Extract the note.',
  prompt: '{{text}}',
  id: 'id',
  request: { temperature: 0, maxTokens: 512, thinking: { budget: 0 } },
});
