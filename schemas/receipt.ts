import { defineExtraction } from 'gleaner';
import { z } from 'zod';

const item = z.object({
  description: z.string().describe('What was bought, as printed'),
  quantity: z.number().describe('How many, or how much by weight; 1 where nothing is printed'),
  amount: z.number().describe('Price of the line, negative for a return or a discount'),
});

export default defineExtraction({
  name: 'receipt',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({
    company: z.string().describe('Name of the shop or company that issued the receipt'),
    date: z.string().nullable().describe('Date of the purchase, as printed'),
    address: z.string().nullable().describe('Address of the shop, on one line'),
    total: z.number().nullable().describe('Amount to pay, after rounding; negative for a refund'),
    currency: z
      .enum(['EUR', 'GBP', 'USD', 'CHF', 'NOK', 'PLN', 'MYR', 'SGD', 'INR', 'JPY', 'MXN', 'BRL'])
      .nullable()
      .describe('ISO 4217 code of the currency, from its code, its sign or the country'),
    items: z.array(item).max(50).describe('The lines of the receipt above its totals; empty where none can be read'),
  }),
  instructions:
    'You read receipts that were scanned and turned into text, one receipt a message. Extract what is asked for, as it is printed; use null for what is not there. Write amounts as plain numbers: 1.234,56 and 1,234.56 are both 1234.56. Scanning may have confused 0 and O, 1 and l.',
  prompt: '{{text}}',
  id: 'id',
  request: { temperature: 0, maxTokens: 2048, thinking: { budget: 0 } },
});
