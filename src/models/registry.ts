import { gemini1 } from './gemini-1.ts';
import { gemini2 } from './gemini-2.ts';
import { gemini3 } from './gemini-3.ts';
import { gemini4 } from './gemini-4.ts';
import type { Model, ModelRules } from './model.ts';

/**
 * All models that gleaner knows, one row each. The client's check of requests, the emulator, the bounds of a budget and the
 * prices read it; a model that came out is a row in the file of its family. Sources: the models' own pages in Google Cloud's
 * documentation, unless said otherwise.
 */
export const models: readonly Model[] = [...gemini1, ...gemini2, ...gemini3, ...gemini4];

const BY_ID: ReadonlyMap<string, Model> = new Map(models.map((model) => [model.id, model]));

/** A fixed version such as `-001`, or a preview, dated or not. */
const VERSION = /-(?:\d{3}|preview(?:-\d\d-\d{2,4})?)$/;

/** Partners' models, of which no more is known than that there are such. */
const PARTNER_MODEL =
  /^(?:google|meta|deepseek-ai|openai|qwen|moonshotai|minimax|minimaxai|zai-org|xai|mistralai)\/[a-z0-9.-]+-maas$/;

/** Finds the row of a model, of a version of it or of a preview of it; undefined where none is known. */
export function findModel(id: string): Model | undefined {
  const name = id.replace(VERSION, '');
  return BY_ID.get(id) ?? BY_ID.get(name) ?? BY_ID.get(`${name}-preview`);
}

/** Whether there is, or was, such a model. A name that is not known is a typing error more often than tomorrow's model. */
export function isKnownModel(id: string): boolean {
  return findModel(id) !== undefined || PARTNER_MODEL.test(id);
}

/** What a model takes: by its row, else as far as the generation of a Gemini model tells. */
export function rulesOf(id: string): ModelRules {
  return findModel(id) ?? generationRules(id);
}

/** Gemini's limits, which bound what an unknown model may be billed. */
const LARGEST = {
  promptLimit: Math.max(...models.map(({ promptLimit = 0 }) => promptLimit)),
  outputLimit: Math.max(...models.map(({ outputLimit = 0 }) => outputLimit)),
};

/** The most tokens of a prompt and of an answer; those of the largest model where they are not known. */
export function limitsOf(id: string | undefined): { promptLimit: number; outputLimit: number } {
  const { promptLimit, outputLimit } = id === undefined ? {} : rulesOf(id);
  return { promptLimit: promptLimit ?? LARGEST.promptLimit, outputLimit: outputLimit ?? LARGEST.outputLimit };
}

function generationRules(id: string): ModelRules {
  const version = Number(/^google\/gemini-(\d+(?:\.\d+)?)(?:-|$)/.exec(id)?.[1] ?? Number.NaN);
  if (Number.isNaN(version)) return {};
  // Thinking came with 2.5; the Lite ones and the early painters do not think unasked.
  const thinksByDefault = !id.includes('-lite') && version >= (id.includes('-image') ? 3 : 2.5);
  return version >= 3 ? { thinksByDefault, wantsSignatures: true } : { thinksByDefault, takesMixedDetail: false };
}
