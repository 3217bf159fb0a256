import { delay } from './delay.ts';

/** The clock of this machine. */
export const systemClock = {
  now: (): number => Date.now(),
  elapsed: (): number => performance.now(),
  delay,
};
