import { createHash } from 'node:crypto';
import type { Extraction } from '../../extraction/definition.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { deriveSchema } from '../../schema/derive.ts';
import { zodVersion } from '../../zod/flavour.ts';
import { findUnseenChecks } from './check-unseen.ts';
import { snapshotContent, type SnapshotContent } from './snapshot.ts';

/**
 * What a snapshot of the definition holds.
 *
 * @throws {GleanerError} for schemas that no model can be asked to fill
 */
export async function snapshotOf(extraction: Extraction): Promise<SnapshotContent> {
  try {
    const { schema, outputSchema } = await deriveSchema(extraction.schema);
    return snapshotContent({
      name: extraction.name,
      schema: outputSchema,
      inputSchema: schema,
      promptHash: hashPrompt(extraction),
      unseen: findUnseenChecks(extraction.schema),
      zod: zodVersion(extraction.schema),
      compatibility: extraction.compatibility ?? 'backward',
    });
  } catch (error) {
    if (!(error instanceof GleanerError)) throw error;
    throw new GleanerError('baseline-unreadable', `In the definition ${extraction.name}: ${error.message}`, {
      cause: error,
    });
  }
}

/** A prompt function counts by its source, in which line breaks and indentation say nothing. */
function hashPrompt({ instructions, prompt }: Extraction): string {
  const text = typeof prompt === 'string' ? prompt : String(prompt).replaceAll(/\s+/g, ' ');
  return createHash('sha256')
    .update(JSON.stringify([instructions, text]))
    .digest('hex');
}
