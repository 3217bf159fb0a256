import { GleanerError } from '../gleaner-error.ts';

/**
 * Loads a package that is installed only where it is wanted.
 *
 * @throws {GleanerError} when it is not there, saying how to install it
 */
export async function loadPackage<Module>(
  load: () => Promise<Module>,
  { names, purpose }: { names: readonly string[]; purpose: string },
): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new GleanerError(
      'option-invalid',
      `Cannot ${purpose}: it takes ${names.join(', ')}, which gleaner does not bring; install with npm install ${names.join(' ')}`,
      { cause: error },
    );
  }
}

/** Whether a package cannot be found, be it an import or a require inside of one. */
function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
}
