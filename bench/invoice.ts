// The definition of invoice.mjs in one file, as most definitions are: it is loaded without the library's other modules.
import { defineExtraction } from 'gleaner';
import { z } from 'zod';

export default defineExtraction({
  name: 'invoice',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({
    number: z.string(),
    vendor: z.string(),
    date: z.string(),
    currency: z.enum(['EUR', 'USD', 'GBP']),
    net: z.number(),
    tax: z.number(),
    total: z.number(),
    paid: z.boolean(),
    reference: z.string().nullable(),
    lines: z.array(z.object({ text: z.string(), quantity: z.number(), price: z.number() })),
  }),
  instructions: 'Extract the invoice. Use null for what is not there.',
  prompt: '{{text}}',
  id: 'id',
  request: { temperature: 0, maxTokens: 1024 },
});
