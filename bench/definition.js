import { defineExtraction } from 'gleaner';
import { instructions, model, schema } from './invoice.mjs';

export default defineExtraction({
  name: 'invoice',
  model,
  schema,
  instructions,
  prompt: '{{text}}',
  id: 'id',
  request: { temperature: 0, maxTokens: 1024 },
});
