import { createBudget } from '../../accounting/create-budget.ts';
import type { PriceRowInput } from '../../accounting/price-file.ts';
import type { BatchFigures, UsageReport } from '../../accounting/usage-report.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { fileNames, RunDirectory } from '../../store/run-directory.ts';
import { StoreError } from '../../files/store-error.ts';
import type { AcceptanceLimits } from './exit-code.ts';
import { finishRun } from './finish-run.ts';
import { openRun } from './open-run.ts';

/**
 * Makes the reports of a finished run whose results, rejects, ledger and manifest are there, as a session does at its end; nothing is
 * asked, and the manifest stays as it is.
 *
 * @throws {GleanerError} when the directory cannot be used
 */
export async function sealRun(
  path: string,
  options: {
    limits: AcceptanceLimits;
    prices?: readonly PriceRowInput[] | undefined;
    figures?: BatchFigures | undefined;
  },
): Promise<UsageReport> {
  const directory = await RunDirectory.open(path);
  try {
    const manifest = directory.readManifest();
    if (manifest?.status !== 'finished') {
      throw new GleanerError(
        'run-unreadable',
        `Cannot make the reports of ${path}: its ${fileNames.manifest} tells of no finished run`,
      );
    }
    const { identity, outputSchema = {}, settings } = manifest;
    const model = typeof identity['model'] === 'string' ? identity['model'] : undefined;
    const extraction = String(identity['extraction']);
    const accounts = createBudget({ prices: options.prices, client: {} }, { model, name: extraction });
    const opened = openRun({
      directory,
      ...accounts,
      model,
      identity,
      outputSchema,
      settings: () => settings,
      onNotice: undefined,
    });
    const { extracted, reused, rejected } = opened.recovered;
    const ended = { status: 'finished', reason: undefined, unfinished: 0 } as const;
    return finishRun({
      ...opened,
      ...accounts,
      directory,
      journal: { extracted, reused, rejected, isEmpty: true },
      answers: undefined,
      extraction,
      model,
      limits: { totalTokens: null, costUsd: null, ...options.limits },
      cache: undefined,
      ended,
      end: ended,
      rest: 0,
      figures: options.figures,
    });
  } catch (error) {
    throw error instanceof StoreError ? new GleanerError('directory-unusable', error.message, { cause: error }) : error;
  } finally {
    directory.close();
  }
}
