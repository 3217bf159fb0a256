import type { PreparedExtraction } from '../prepare-extraction.ts';
import type { Strategy } from '../ports.ts';
import { singleStage, type SingleStageOptions } from './single-stage.ts';

export interface StrategySettings {
  /** Takes the pictures of an answer that has some. */
  save(path: string, bytes: Uint8Array): void;
  maxReasks: number;
}

/** Chooses how the records of an extraction are asked for. What most do not use is loaded where it is wanted. */
export async function chooseStrategy(
  prepared: PreparedExtraction,
  { save, maxReasks }: StrategySettings,
): Promise<Strategy> {
  const { tools, maxToolRounds, extraction } = prepared;
  const stage: SingleStageOptions = {
    judge: (completion, { index, fields, messages }) => prepared.judge(completion, { index, fields, messages, save }),
    tools,
    maxToolRounds,
    maxReasks,
  };
  const { samples, variants } = extraction;
  if (samples === undefined && variants === undefined) return singleStage(stage);
  const { compileReadings } = await import('../../strategy/compile-readings.ts');
  return compileReadings(prepared, stage);
}
