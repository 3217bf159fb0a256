import { VERTEX_AI } from '../completion/service.ts';
import { GleanerError } from '../gleaner-error.ts';
import { toNativeRequest } from '../native/to-native-request.ts';
import type { SchemaField } from '../native/native-request.ts';
import type { InputSource } from '../records/input-source.ts';
import type { PreparedExtraction } from '../run/prepare-extraction.ts';

/** Members of a definition that have several calls made for a record. */
const SEVERAL_CALLS = ['samples', 'variants', 'cascade', 'chunk'] as const;

/**
 * Refuses a run that batch jobs cannot do, before anything is written or uploaded.
 *
 * @throws {GleanerError} saying what stands against it, and what would do
 */
export function refuseForBatch(prepared: PreparedExtraction, input: InputSource, schemaField: SchemaField): void {
  const { name, reading, service, model, tools, isStreamed } = prepared;
  const { request = {} } = reading;
  const several = SEVERAL_CALLS.find((member) => reading[member] !== undefined);
  const refuse = (why: string): never => {
    throw new GleanerError('request-invalid', `Cannot run ${name} by batch jobs: ${why}`);
  };
  if (service.name !== VERTEX_AI && !service.isEmulated) {
    refuse(`they are for Google's models on Vertex AI, and the calls go to ${service.name}`);
  }
  if (model === undefined || !model.startsWith('google/'))
    refuse(
      `they are for Google's models, such as google/gemini-3.5-flash-lite, not for ${model ?? 'a self-deployed endpoint'}`,
    );
  if (tools.length > 0)
    refuse('a model that calls functions needs several rounds; leave out "tools", or run it call by call');
  if (several !== undefined)
    refuse(`"${several}" makes several calls for a record; leave it out, or run it call by call`);
  if (isStreamed) refuse('their answers come whole; leave streaming off');
  if (request.cachedContent !== undefined)
    refuse('they take no "cachedContent"; leave it out: what prompts begin with alike is cached unasked');
  if (request.modalities?.includes('image') === true)
    refuse('they are asked for JSON only, and the definition asks for pictures');
  if (request.extraBody !== undefined) refuse('the native API has no place for "extraBody"; leave it out');
  if (!input.canReopen)
    refuse('the input is read again when answers are collected, and this one can be read once only; give a file');
  // The schema and the settings are the same for all records.
  toNativeRequest(prepared.buildRequest([{ role: 'user', content: name }]), { schemaField });
}
