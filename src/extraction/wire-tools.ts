import type { Tool } from '../completion/request.ts';
import { deriveSchema } from '../schema/derive.ts';
import type { DerivedSchema } from '../schema/derived.ts';
import type { ExtractionTool } from './define-tool.ts';

/** Derives what a request offers of the tools. */
export async function wireTools(tools: readonly ExtractionTool[]): Promise<{ wire: Tool; derived: DerivedSchema }[]> {
  return Promise.all(
    tools.map(async ({ name, description, parameters }) => {
      const derived = await deriveSchema(parameters, { dialect: 'gemini-tools' });
      return { wire: { type: 'function', function: { name, description, parameters: derived.provider } }, derived };
    }),
  );
}
