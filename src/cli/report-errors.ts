import { GleanerError } from '../gleaner-error.ts';
import { messageOf } from '../text/thrown-message.ts';
import { withAdvice, type HasFlag } from './advice.ts';
import { EXIT_CODES } from './exit-code.ts';
import { refusedPermission } from './refused-permission.ts';
import type { ErrorOutput } from './terminal/error-output.ts';

/** Turns a refusal into its message and exit code; anything unforeseen is a defect, and says so. */
export async function reportErrors(
  errors: ErrorOutput,
  { isDebug, hasBegun = () => false, hasFlag }: { isDebug: boolean; hasBegun?: () => boolean; hasFlag?: HasFlag },
  action: () => Promise<number>,
): Promise<number> {
  try {
    return await action();
  } catch (error) {
    const { StoreError } = await import('../files/store-error.ts');
    const message = messageOf(error);
    const stack = isDebug && error instanceof Error ? error.stack : undefined;
    if (error instanceof GleanerError) {
      errors.tell(withAdvice(error, message, hasFlag), { exitCode: EXIT_CODES.refused, stack });
      return EXIT_CODES.refused;
    }
    const refused = refusedPermission(error);
    if (refused !== undefined) {
      errors.tell(refused, { exitCode: EXIT_CODES.refused, stack });
      return EXIT_CODES.refused;
    }
    const { ApiError } = await import('../completion/api-error.ts');
    const exitCode = EXIT_CODES.stopped;
    const { RunStop } = await import('../run/run-stop.ts');
    if (error instanceof RunStop) {
      errors.tell(`${message}. The same command tries again`, { exitCode, stack });
    } else if (error instanceof ApiError) {
      errors.tell(`${message}. Nothing was sent; the same command tries again`, { exitCode, stack });
    } else if (error instanceof StoreError) {
      const next = 'What was written before is kept; the same command continues, or says which file is not whole';
      errors.tell(`${message}. ${next}`, { exitCode, stack });
    } else {
      const { framesOf, kindAndPlaceOf, UNSHOWN } = await import('../text/thrown-place.ts');
      const what = hasBegun() ? `${kindAndPlaceOf(error)}, ${UNSHOWN}` : message;
      const frames = isDebug && hasBegun() ? framesOf(error)?.join('\n') : stack;
      errors.tell(`unforeseen, please report it (--debug shows where): ${what}`, { exitCode, stack: frames });
    }
    return exitCode;
  }
}
