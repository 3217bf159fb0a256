import { judgeAnswer, judgeText, judgeValue, type AnswerVerdict } from '../answer/judge-answer.ts';
import { checkRequest } from '../completion/check-request.ts';
import type { CompletionClient } from '../completion/client.ts';
import type { ChatMessage, ChatRequest } from '../completion/request.ts';
import type { Completion } from '../completion/response.ts';
import { THOUGHT_TAG } from '../completion/thought-tag.ts';
import { UNNAMED_SERVICE, VERTEX_AI, type ServiceIdentity } from '../completion/service.ts';
import type { ExtractionTool } from '../extraction/define-tool.ts';
import type { Extraction } from '../extraction/definition.ts';
import { checkExamples } from '../extraction/examples.ts';
import { compileFingerprint } from '../extraction/fingerprint.ts';
import { strategyIdentity } from '../extraction/strategy-identity.ts';
import { compilePrompt, type CompiledPrompt } from '../extraction/prompt.ts';
import { compileRecordId, type CompiledRecordId } from '../extraction/record-id.ts';
import { compileRequest, type BuildRequest } from '../extraction/request.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { JsonValue } from '../json/value.ts';
import { deriveSchema } from '../schema/derive.ts';
import type { DerivedSchema } from '../schema/derived.ts';
import type { ZodSchema } from '../schema/zod-schema.ts';
import type { AskedRecord, EvidenceDemand } from '../evidence/demand-evidence.ts';
import { judgeImages } from './record/judge-images.ts';
import { wireTools } from './record/tool-loop.ts';

/** An extraction with everything derived from it once, so that a record costs only what is its own. */
export interface PreparedExtraction {
  extraction: Extraction;
  model: string | undefined;
  derived: DerivedSchema;
  prompt: CompiledPrompt;
  recordId: CompiledRecordId;
  buildRequest: BuildRequest;
  fingerprint(messages: ChatMessage[]): string;
  /** What gleaner 0.1 had for the same; to be asked for where the fingerprint was looked up in vain. */
  earlierFingerprints(messages: ChatMessage[]): readonly string[];
  /** As `earlierFingerprints`, for run directories that were begun before services had names. */
  formerFingerprints(messages: ChatMessage[]): readonly string[];
  /** Whose answers the run is about. */
  service: ServiceIdentity;
  /** `record` takes the pictures of an answer that has some. */
  judge(completion: Completion, record: JudgedRecord): Promise<AnswerVerdict<unknown>>;
  /** Judges what a model answered on another day: the value that the schema is given, or the text of it. */
  judgeAgain(answer: { value: JsonValue } | { text: string }, record: AskedRecord): Promise<AnswerVerdict<unknown>>;
  tools: readonly ExtractionTool[];
  maxToolRounds: number;
  isStreamed: boolean;
  /** The tag around thoughts in answers, where there is one. */
  thoughtTagMarker: string | undefined;
  /** What the model will ignore of the request. */
  warnings: readonly string[];
}

/** What an answer is judged with, beside the schema. */
export interface JudgedRecord extends ImageSink, AskedRecord {}

export interface ImageSink {
  index: number;
  save(path: string, bytes: Uint8Array): void;
}

const DEFAULT_TOOL_ROUNDS = 8;

/** @throws {GleanerError} when the schema cannot be sent, or no model is named */
export async function prepareExtraction(
  extraction: Extraction,
  options: {
    model?: string | null | undefined;
    idField?: string | undefined;
    stream?: boolean | undefined;
    client: ServiceClient;
    signal?: AbortSignal | undefined;
  },
): Promise<PreparedExtraction> {
  const model = options.model === null ? undefined : (options.model ?? extraction.model);
  if (model === undefined && options.model !== null) {
    throw new GleanerError(
      'request-invalid',
      `Cannot run the extraction ${extraction.name}: no model is named; name one as "model" in the definition, such as google/gemini-3.5-flash-lite`,
      { facts: { advice: 'model' } },
    );
  }
  await checkExamples(`the extraction "${extraction.name}"`, extraction.examples, extraction.schema);
  const { request, schema: zodSchema, tools = [], maxToolRounds = DEFAULT_TOOL_ROUNDS } = extraction;
  const schema: ZodSchema = zodSchema;
  const derived = await deriveSchema(schema);
  const service = await identifyServiceOf(options);
  const derivedTools = await wireTools(tools);
  const toolsOnWire = derivedTools.map(({ wire }) => wire);
  const providerSchema = takesWholeSchema(service, model) ? derived.schema : derived.provider;
  const buildRequest = compileRequest({ extraction, model, providerSchema, tools: toolsOnWire });
  const shape = { schema: derived.schema, coerce: extraction.coerce !== 'none' };
  const judgeOptions = { ...shape, maxTokens: request?.maxTokens };
  const fingerprintParts = {
    model,
    derived,
    request,
    strategy: strategyIdentity(extraction),
    tools: derivedTools.map(({ wire, derived: parameters }, position) => ({
      name: wire.function.name,
      description: wire.function.description ?? '',
      parameters,
      handler: String(tools[position]?.handler),
    })),
  };
  const fingerprints = compileFingerprint({ ...fingerprintParts, service: service.name });
  const isForImages = request?.modalities?.includes('image') === true;
  const demand = await evidenceDemandOf(extraction, derived);
  const judge: PreparedExtraction['judge'] = (completion, record) =>
    isForImages ? judgeImages(completion, schema, record) : judgeAnswer(completion, schema, judgeOptions);
  const judgeAgain = (answer: { value: JsonValue } | { text: string }): Promise<AnswerVerdict<unknown>> =>
    'text' in answer
      ? judgeText(answer.text, schema, shape)
      : judgeValue(answer.value, '', schema, isForImages ? {} : shape);
  return {
    extraction,
    model,
    derived,
    prompt: compilePrompt(extraction),
    recordId: compileRecordId(extraction, options.idField),
    buildRequest,
    fingerprint: fingerprints.current,
    earlierFingerprints: fingerprints.earlier,
    formerFingerprints: compileFingerprint({ ...fingerprintParts, service: VERTEX_AI }).earlier,
    service,
    judge:
      demand === undefined
        ? judge
        : async (completion, record) => demand(await judge(completion, record), record, completion.content ?? ''),
    judgeAgain:
      demand === undefined
        ? judgeAgain
        : async (answer, record) => demand(await judgeAgain(answer), record, 'text' in answer ? answer.text : ''),
    tools,
    maxToolRounds,
    isStreamed: options.stream ?? extraction.stream ?? false,
    thoughtTagMarker: thoughtTagOf(buildRequest),
    warnings: checkForModel(extraction.name, buildRequest),
  };
}

/** Loaded where it is wanted: most extractions demand none. */
async function evidenceDemandOf(
  { name, prompt, requireEvidence }: Extraction,
  { outputSchema }: DerivedSchema,
): Promise<EvidenceDemand | undefined> {
  if (requireEvidence === undefined) return undefined;
  const { compileEvidenceDemand } = await import('../evidence/demand-evidence.ts');
  return compileEvidenceDemand({ name, prompt, requireEvidence }, outputSchema);
}

type ServiceClient = Pick<CompletionClient, 'service' | 'identify'>;

async function identifyServiceOf(options: {
  client: ServiceClient;
  signal?: AbortSignal | undefined;
}): Promise<ServiceIdentity> {
  await options.client.identify?.({ signal: options.signal });
  return options.client.service ?? UNNAMED_SERVICE;
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
