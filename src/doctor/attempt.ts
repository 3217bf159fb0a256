import { ApiError } from '../completion/api-error.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { CheckResult } from './check-result.ts';

/** The finding of one try; `advice`: what helps, by the status of a refusal. */
export async function attempt(
  name: string,
  advice: Readonly<Partial<Record<number, string>>>,
  work: () => Promise<string>,
): Promise<CheckResult> {
  try {
    return { name, status: 'ok', message: await work() };
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof GleanerError)) throw error;
    const status = error instanceof GleanerError ? Number(error.facts?.['status']) : error.status;
    const what = advice[status ?? 0];
    return { name, status: 'failed', message: error.message, ...(what === undefined ? {} : { advice: what }) };
  }
}
