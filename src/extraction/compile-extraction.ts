import { checkRequest } from '../completion/check-request.ts';
import type { ChatMessage, ChatRequest } from '../completion/request.ts';
import { VERTEX_AI, type ServiceIdentity } from '../completion/service.ts';
import { THOUGHT_TAG } from '../completion/thought-tag.ts';
import { GleanerError } from '../gleaner-error.ts';
import { deriveSchema } from '../schema/derive.ts';
import type { DerivedSchema } from '../schema/derived.ts';
import type { Extraction } from './definition.ts';
import { identifyDefinition, type DefinitionIdentity } from './definition-identity.ts';
import { checkExamples } from './examples.ts';
import { compileFingerprint } from './fingerprint.ts';
import { checkChunkColumn, checkPlaceholders, compilePrompt, type CompiledPrompt } from './prompt.ts';
import { checkIdColumn, compileRecordId, type CompiledRecordId } from './record-id.ts';
import { compileRequest, type BuildRequest } from './request.ts';
import { strategyIdentity } from './strategy-identity.ts';
import { wireTools } from './wire-tools.ts';

/** How a definition asks, with everything derived from it once, so that a record costs only what is its own. */
export interface CompiledExtraction {
  name: string;
  model: string | undefined;
  derived: DerivedSchema;
  prompt: CompiledPrompt;
  recordId: CompiledRecordId;
  /**
   * Says what of the definition names a column that the input does not have, before anything is sent. For inputs whose rows all have the
   * same columns: JSON lines have no header, and what the first lacks the next may have.
   */
  checkColumns(columns: readonly string[]): string | undefined;
  buildRequest: BuildRequest;
  fingerprint(messages: ChatMessage[], messagesJson?: string): string;
  /** What gleaner 0.1 had for the same; to be asked for where the fingerprint was looked up in vain. */
  earlierFingerprints(messages: ChatMessage[]): readonly string[];
  /** As `earlierFingerprints`, for run directories that were begun before services had names. */
  formerFingerprints(messages: ChatMessage[]): readonly string[];
  identity: DefinitionIdentity;
  /** The tag around thoughts in answers, where there is one. */
  thoughtTagMarker: string | undefined;
  /** What the model will ignore of the request. */
  warnings: readonly string[];
}

export interface CompileOptions {
  model: string | undefined;
  /** The column of the ids, where it is not the definition's. */
  idField?: string | undefined;
  service: ServiceIdentity;
}

/**
 * @throws {GleanerError} when the schema cannot be sent, an example does not fit it, a field is named that it lacks, or the model does not
 * take the request
 */
export async function compileExtraction(
  extraction: Extraction,
  { model, idField, service }: CompileOptions,
): Promise<CompiledExtraction> {
  const { name, request, tools = [] } = extraction;
  await checkExamples(`the extraction "${name}"`, extraction.examples, extraction.schema);
  const derived = await deriveSchema(extraction.schema);
  await checkNamedFields(extraction, derived);
  const derivedTools = await wireTools(tools);
  const buildRequest = compileRequest({
    extraction,
    model,
    providerSchema: takesWholeSchema(service, model) ? derived.schema : derived.provider,
    tools: derivedTools.map(({ wire }) => wire),
  });
  const strategy = strategyIdentity(extraction);
  const fingerprintParts = {
    model,
    derived,
    request,
    strategy,
    tools: derivedTools.map(({ wire, derived: parameters }, position) => ({
      name: wire.function.name,
      description: wire.function.description ?? '',
      parameters,
      handler: String(tools[position]?.handler),
    })),
  };
  const fingerprints = compileFingerprint({ ...fingerprintParts, service: service.name });
  const prompt = compilePrompt(extraction);
  return {
    name,
    model,
    derived,
    prompt,
    recordId: compileRecordId(extraction, idField),
    checkColumns: (columns) =>
      checkPlaceholders(prompt.placeholders, columns) ??
      checkChunkColumn(extraction, columns) ??
      checkIdColumn(extraction, idField, columns),
    buildRequest,
    fingerprint: fingerprints.current,
    earlierFingerprints: fingerprints.earlier,
    formerFingerprints: compileFingerprint({ ...fingerprintParts, service: VERTEX_AI }).earlier,
    identity: identifyDefinition(extraction, { model, derived, idField, strategy }),
    thoughtTagMarker: thoughtTagOf(buildRequest),
    warnings: checkForModel(name, buildRequest),
  };
}

/** The check is loaded where it is wanted: most definitions name no fields. */
async function checkNamedFields(extraction: Extraction, { outputSchema }: DerivedSchema): Promise<void> {
  const { requireEvidence, cascade, evaluate } = extraction;
  if (requireEvidence === undefined && cascade?.fields === undefined && evaluate === undefined) return;
  const { checkFields } = await import('./check-fields.ts');
  checkFields(extraction, outputSchema);
}

/** Servers that enforce a schema get all of it; Gemini, also behind a gateway, gets the part that it takes. */
function takesWholeSchema({ takesWholeSchema: isWhole }: ServiceIdentity, model: string | undefined): boolean {
  return isWhole === true && !(model !== undefined && /gemini/i.test(model));
}

/** As the client finds it in every request. */
function thoughtTagOf(buildRequest: BuildRequest): string | undefined {
  const request = buildRequest([]);
  return request[THOUGHT_TAG] ?? request.extra_body?.google.thought_tag_marker;
}

/** Whether the model takes the settings shows on any request: the first record's would be refused like all others. */
function checkForModel(name: string, buildRequest: (messages: ChatMessage[]) => ChatRequest): string[] {
  const problems = checkRequest(buildRequest([{ role: 'user', content: name }]));
  const refusals = problems.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  if (refusals.length > 0)
    throw new GleanerError('request-invalid', `Cannot run the extraction ${name}: ${refusals.join('; ')}`);
  return problems.map(({ message }) => message);
}
