/**
 * Thrown when gleaner cannot start or go on because something it was given is wrong: a flag, a file, a definition, a
 * schema, credentials. The message says what was being done, to what, and what would be right; the command line prints
 * it without a stack trace and exits with status 2.
 */
export class RefusalError extends Error {
  override readonly name = 'RefusalError';
}
