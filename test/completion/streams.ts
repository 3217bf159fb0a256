/** Streams in the shape that Google's page on the Chat Completions API shows, with texts of our own. */

const envelope = {
  created: 1770850461,
  id: 'nQiNafGyF5rw998PstqooAY',
  model: 'google/gemini-3.1-pro-preview',
  object: 'chat.completion.chunk',
  system_fingerprint: '',
};

export interface Usage {
  completion_tokens?: number;
  completion_tokens_details?: { reasoning_tokens: number };
  extra_properties?: { google: { traffic_type: string } };
  prompt_tokens: number;
  total_tokens: number;
}

export function chunk(delta: object, last?: { finish?: string; usage?: Usage }): string {
  const choice = {
    delta: { role: 'assistant', ...delta },
    ...(last === undefined ? {} : { finish_reason: last.finish }),
    index: 0,
    logprobs: null,
  };
  return JSON.stringify({
    choices: [choice],
    ...envelope,
    ...(last?.usage === undefined ? {} : { usage: last.usage }),
  });
}

export function events(...data: string[]): string {
  return data.map((line) => `data: ${line}\n\n`).join('');
}

const usage: Usage = {
  completion_tokens: 45,
  completion_tokens_details: { reasoning_tokens: 504 },
  extra_properties: { google: { traffic_type: 'PROVISIONED_THROUGHPUT' } },
  prompt_tokens: 27,
  total_tokens: 576,
};

export const storyStream = events(
  chunk({ content: 'Es war einmal ein Rucksack 🎒, ' }),
  chunk({ content: 'der "alles" trug:\n' }),
  chunk({ content: 'Bücher, Brot, Zeit.' }),
  chunk({ content: '' }, { finish: 'stop', usage }),
  '[DONE]',
);

/** With `thought_tag_marker: "think"`; the tags are cut apart by the chunks. */
export const thoughtStream = events(
  chunk({ content: '<thi' }),
  chunk({ content: 'nk>Is 1 < 2? ' }),
  chunk({ content: 'Yes.</th' }),
  chunk({ content: 'ink>There are ' }),
  chunk({ content: 'two < three.' }, { finish: 'stop', usage }),
  '[DONE]',
);

const oslo = 'function-call-11111111-2222-4333-8444-555555555555';
const quito = 'function-call-66666666-7777-4888-9999-000000000000';

function callFragment(id: string, index: number, text: string, signature?: string): object {
  return {
    tool_calls: [
      {
        ...(signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } }),
        function: { arguments: text, name: 'get_tide' },
        id,
        index,
        type: 'function',
      },
    ],
  };
}

/**
 * Two parallel calls with `stream_function_call_arguments`: each is announced under one index and continued under the
 * other, id and name come with every fragment, quotes come alone, and only the first announcement is signed.
 */
export const toolStream = events(
  chunk(callFragment(oslo, 1, '', 'c2lnbmF0dXJl')),
  chunk(callFragment(oslo, 0, '{"harbour":"Oslo, Norge')),
  chunk(callFragment(oslo, 0, '"')),
  chunk(callFragment(oslo, 0, ',"unit":"metre')),
  chunk(callFragment(oslo, 0, '"')),
  chunk(callFragment(oslo, 0, '}')),
  chunk(callFragment(quito, 0, '')),
  chunk(callFragment(quito, 1, '{"harbour":"Manta, Ecuador')),
  chunk(callFragment(quito, 1, '"')),
  chunk(callFragment(quito, 1, ',"unit":"metre')),
  chunk(callFragment(quito, 1, '"')),
  chunk(callFragment(quito, 1, '}'), { finish: 'tool_calls', usage }),
  '[DONE]',
);

export const toolCalls = [
  {
    id: oslo,
    name: 'get_tide',
    arguments: '{"harbour":"Oslo, Norge","unit":"metre"}',
    extraContent: { google: { thought_signature: 'c2lnbmF0dXJl' } },
  },
  { id: quito, name: 'get_tide', arguments: '{"harbour":"Manta, Ecuador","unit":"metre"}', extraContent: undefined },
];

/** A picture, as `modalities: ["image"]` gives it. */
export const imageStream = events(
  chunk(
    {
      audio: {
        data: Buffer.from('a small picture').toString('base64'),
        extra_content: { google: { mime_type: 'image/png' } },
      },
      content: null,
      extra_content: { google: { thought_signature: 'cGFpbnRlZA==' } },
    },
    { finish: 'stop', usage },
  ),
  '[DONE]',
);
