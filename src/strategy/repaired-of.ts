import type { ValidAnswer } from '../answer/judge-answer.ts';

const BY_WEIGHT = ['notation', 'prose', 'fence'] as const;

/** How an answer counts as mended that is made of several: as that of them which was mended most. */
export function repairedOf(answers: readonly ValidAnswer<unknown>[]): Pick<ValidAnswer<unknown>, 'repaired'> {
  const repaired = BY_WEIGHT.find((one) => answers.some((answer) => answer.repaired === one));
  return repaired === undefined ? {} : { repaired };
}
