import type { Emulator } from '../../src/emulator/index.ts';

export const receiptText = `ACME TRADING SDN BHD (123456-X)
NO 12, JALAN ANGSA,
41150 KLANG, SELANGOR
TEL: 03-1234 5678
INVOICE NO : INV-00421
DATE: 25/12/2018 8:13 PM
TEA TARIK 2 X 2.50 5.00
NASI LEMAK 7.50
SUB TOTAL 12.50
TOTAL RM 13.25
CASH 20.00
CHANGE 6.75`;

export const receiptSchema = {
  type: 'object',
  properties: {
    company: { type: 'string' },
    date: { type: 'string' },
    address: { type: 'string' },
    total: { type: 'number' },
  },
  required: ['company', 'date', 'address', 'total'],
  additionalProperties: false,
};

/** A request for structured data out of a text. */
export function extractionRequest(text = receiptText, more: object = {}): Record<string, unknown> {
  return {
    model: 'google/gemini-3.5-flash-lite',
    messages: [
      { role: 'system', content: 'Extract the receipt.' },
      { role: 'user', content: text },
    ],
    response_format: { type: 'json_schema', json_schema: { name: 'receipt', schema: receiptSchema } },
    ...more,
  };
}

export interface ChatBody {
  choices: { finish_reason: string; message?: { content: string } | null }[];
  model: string;
  usage: {
    prompt_tokens: number;
    completion_tokens?: number;
    total_tokens: number;
    completion_tokens_details?: { reasoning_tokens: number };
    extra_properties: { google: { traffic_type: string } };
  };
}

export function send(
  emulator: Emulator,
  body: unknown,
  { headers = { authorization: 'Bearer any' }, url = `${emulator.baseUrl()}/chat/completions`, method = 'POST' } = {},
): Promise<Response> {
  return fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(method === 'GET' ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

/** Sends a request that is answered with a completion. */
export async function complete(emulator: Emulator, body: unknown = extractionRequest()): Promise<ChatBody> {
  const response = await send(emulator, body);
  if (response.status !== 200)
    throw new Error(`Expected a completion, got ${response.status}: ${await response.text()}`);
  return (await response.json()) as ChatBody;
}

export function contentOf(body: ChatBody): string {
  return body.choices[0]?.message?.content ?? '';
}
