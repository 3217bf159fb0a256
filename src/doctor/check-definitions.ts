import { join } from 'node:path';
import type { Extraction } from '../extraction/definition.ts';
import { loadDefinition, loadDefinitionsBelow } from '../extraction/load-definition.ts';
import { GleanerError } from '../gleaner-error.ts';
import { deriveSchema } from '../schema/derive.ts';
import { messageOf } from '../text/thrown-message.ts';
import type { CheckResult } from './check-result.ts';

export interface CheckedDefinitions {
  results: CheckResult[];
  /** Those that load. */
  extractions: Extraction[];
}

/** Loads the definition that is named, or all below `schemas/`, and derives what the service would be sent. */
export async function checkDefinitions(directory: string, reference: string | undefined): Promise<CheckedDefinitions> {
  const results: CheckResult[] = [];
  const extractions: Extraction[] = [];
  const onError = (error: unknown): void => {
    results.push({ name: 'definition', status: 'failed', message: messageOf(error), advice: 'mend the definition' });
  };
  const load = async (): Promise<{ extraction: Extraction }[]> => {
    if (reference !== undefined) return [await loadDefinition(reference, { cwd: directory })];
    return loadDefinitionsBelow(join(directory, 'schemas'), {
      cwd: directory,
      onError: (_path, error) => onError(error),
    });
  };
  const loaded = await load().catch((error: unknown) => {
    onError(error);
    return [];
  });
  for (const { extraction } of loaded) {
    results.push(await checkSchema(extraction));
    extractions.push(extraction);
  }
  if (results.length === 0)
    results.push({
      name: 'definition',
      status: 'skipped',
      message: 'there is none below schemas/',
      advice: 'gleaner init writes a first one',
    });
  return { results, extractions };
}

async function checkSchema({ name, schema }: Extraction): Promise<CheckResult> {
  try {
    const { warnings } = await deriveSchema(schema);
    const [warning] = warnings;
    if (warning === undefined) return { name: 'definition', status: 'ok', message: `${name} loads` };
    return { name: 'definition', status: 'warning', message: `${name} loads: ${warning}` };
  } catch (error) {
    if (!(error instanceof GleanerError)) throw error;
    return { name: 'definition', status: 'failed', message: `${name}: ${error.message}`, advice: 'change its schema' };
  }
}
