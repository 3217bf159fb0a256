import { compileJudge, type EarlierText, type JudgedBy } from '../answer/compile-judge.ts';
import type { AnswerVerdict } from '../answer/judge-answer.ts';
import type { ImageSink } from '../answer/judge-images.ts';
import type { CompletionClient } from '../completion/client.ts';
import type { Completion } from '../completion/response.ts';
import { UNNAMED_SERVICE, type ServiceIdentity } from '../completion/service.ts';
import type { AskedRecord, EvidenceDemand } from '../evidence/demand-evidence.ts';
import { compileExtraction, type CompiledExtraction } from '../extraction/compile-extraction.ts';
import type { ExtractionTool } from '../extraction/define-tool.ts';
import type { Extraction } from '../extraction/definition.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { DerivedSchema } from '../schema/derived.ts';

/** A definition as a run works with it. Whoever runs it is handed a part of this, and none of them the definition. */
export interface PreparedExtraction extends CompiledExtraction {
  /** Whose answers the run is about. */
  service: ServiceIdentity;
  judge(completion: Completion, record: JudgedRecord): AnswerVerdict<unknown> | Promise<AnswerVerdict<unknown>>;
  /** Judges what a model answered on another day. */
  judgeAgain(answer: EarlierText, record: AskedRecord): Promise<AnswerVerdict<unknown>>;
  tools: readonly ExtractionTool[];
  maxToolRounds: number;
  isStreamed: boolean;
  /** What answers are held against, also while they stream. */
  judgedBy: JudgedBy;
  /** What strategies are made of. */
  reading: ReadingPlan;
}

/** What of a definition says how a record is read, and what agreement between readings is. */
export type ReadingPlan = Pick<
  Extraction,
  'name' | 'instructions' | 'prompt' | 'request' | 'evaluate' | 'samples' | 'variants' | 'cascade' | 'chunk'
>;

/** What an answer is judged with, beside the schema. */
export interface JudgedRecord extends ImageSink, AskedRecord {}

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
  const model = modelOf(extraction, options.model);
  const service = await identifyServiceOf(options);
  const compiled = await compileExtraction(extraction, { model, idField: options.idField, service });
  const demand = await evidenceDemandOf(extraction, compiled.derived);
  const { request, tools = [], maxToolRounds = DEFAULT_TOOL_ROUNDS } = extraction;
  const judgedBy: JudgedBy = {
    schema: extraction.schema,
    shape: { schema: compiled.derived.schema, coerce: extraction.coerce !== 'none' },
    maxTokens: request?.maxTokens,
    isForImages: request?.modalities?.includes('image') === true,
  };
  const { judge, judgeAgain } = compileJudge(judgedBy);
  return {
    ...compiled,
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
    judgedBy,
    reading: extraction,
  };
}

/** Null names none, for a self-deployed endpoint. A cascade may be the one that names it. */
function modelOf({ name, model, cascade }: Extraction, asked: string | null | undefined): string | undefined {
  if (asked === null) return undefined;
  const named = asked ?? model ?? cascade?.model;
  if (named !== undefined) return named;
  throw new GleanerError(
    'request-invalid',
    `Cannot run the extraction ${name}: no model is named; name one as "model" in the definition, such as google/gemini-3.5-flash-lite`,
    { facts: { advice: 'model' } },
  );
}

/** Loaded where it is wanted: most extractions demand none. */
async function evidenceDemandOf(
  { prompt, requireEvidence }: Extraction,
  { outputSchema }: DerivedSchema,
): Promise<EvidenceDemand | undefined> {
  if (requireEvidence === undefined) return undefined;
  const { compileEvidenceDemand } = await import('../evidence/demand-evidence.ts');
  return compileEvidenceDemand({ prompt, requireEvidence }, outputSchema);
}

type ServiceClient = Pick<CompletionClient, 'service' | 'identify'>;

async function identifyServiceOf(options: {
  client: ServiceClient;
  signal?: AbortSignal | undefined;
}): Promise<ServiceIdentity> {
  await options.client.identify?.({ signal: options.signal });
  return options.client.service ?? UNNAMED_SERVICE;
}
