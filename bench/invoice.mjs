// What is extracted, for those who load gleaner and for those who do without.
import { z } from 'zod';

export const model = 'google/gemini-3.5-flash-lite';
export const instructions = 'Extract the invoice. Use null for what is not there.';
export const schema = z.object({
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
});
