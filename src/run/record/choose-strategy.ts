import type { PreparedExtraction } from '../prepare-extraction.ts';
import type { PromiseKeeper } from '../../cascade/calibration.ts';
import type { Strategy } from '../ports.ts';
import { singleStage, type SingleStageOptions } from './single-stage.ts';

export interface StrategySettings {
  /** Takes the pictures of an answer that has some. */
  save(path: string, bytes: Uint8Array): void;
  maxReasks: number;
  /** How a cascade keeps its promise, where it makes one. */
  calibration?: PromiseKeeper | undefined;
}

/** Chooses how the records of an extraction are asked for. What most do not use is loaded where it is wanted. */
export async function chooseStrategy(
  prepared: PreparedExtraction,
  { save, maxReasks, calibration }: StrategySettings,
): Promise<Strategy> {
  const { tools, maxToolRounds, reading } = prepared;
  const stage: SingleStageOptions = {
    judge: await judgeOf(prepared, save),
    tools,
    maxToolRounds,
    maxReasks,
  };
  const { samples, variants, cascade } = reading;
  const hasReadings = samples !== undefined || variants !== undefined;
  const first = await inParts(prepared, stage, hasReadings ? await readingsOf(prepared, stage) : singleStage(stage));
  if (cascade === undefined) return first;
  const { compileCascade } = await import('../../strategy/compile-cascade.ts');
  const strong = await inParts(prepared, stage, singleStage(stage));
  return compileCascade(prepared, { cascade }, { cheap: first, strong, calibration });
}

/** Reads long records in parts, where the definition wants that. */
async function inParts(
  prepared: PreparedExtraction,
  { judge }: SingleStageOptions,
  reading: Strategy,
): Promise<Strategy> {
  const { chunk } = prepared.reading;
  if (chunk === undefined) return reading;
  const { compileChunks } = await import('../../strategy/compile-chunks.ts');
  return compileChunks(prepared, chunk, { judge, reading });
}

/** Judges answers, and lays log probabilities over those that a server gives some with. */
async function judgeOf(
  prepared: PreparedExtraction,
  save: StrategySettings['save'],
): Promise<SingleStageOptions['judge']> {
  const judge: SingleStageOptions['judge'] = (completion, { index, fields, messages }) =>
    prepared.judge(completion, { index, fields, messages, save });
  if (prepared.reading.request?.logprobs !== true) return judge;
  const { withLogprobs } = await import('../../answer/value-logprobs.ts');
  const { schema } = prepared.derived;
  return async (completion, task) => withLogprobs(await judge(completion, task), completion, schema);
}

async function readingsOf(prepared: PreparedExtraction, stage: SingleStageOptions): Promise<Strategy> {
  const { compileReadings } = await import('../../strategy/compile-readings.ts');
  return compileReadings(prepared, stage);
}
