/** What went wrong, as a name that programs can rely on; the message is for people and may change. */
export type ErrorCode =
  | 'answer-unwritable'
  | 'baseline-unreadable'
  | 'cache-unusable'
  | 'cap-unenforceable'
  | 'credentials-missing'
  | 'definition-invalid'
  | 'definition-not-found'
  | 'definition-unloadable'
  | 'directory-unusable'
  | 'emulator-unusable'
  | 'fields-invalid'
  | 'gold-unusable'
  | 'id-unusable'
  | 'input-changed'
  | 'input-unreadable'
  | 'labels-invalid'
  | 'media-unusable'
  | 'merge-refused'
  | 'model-missing'
  | 'option-invalid'
  | 'output-unwritable'
  | 'plan-differs'
  | 'plan-unusable'
  | 'price-table-invalid'
  | 'prompt-unusable'
  | 'request-invalid'
  | 'run-differs'
  | 'run-locked'
  | 'run-refused'
  | 'run-stopped'
  | 'run-unreadable'
  | 'schema-unusable'
  | 'service-differs'
  | 'usage';

/** Values that an error is about, such as the option's name and the value that it had. Never record contents or secrets. */
export type ErrorFacts = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** What marks the instances of a class of ours. */
const MARKS = new WeakMap<object, symbol>();

/**
 * Lets `instanceof` know the instances of a class whichever copy of gleaner made them: the command holds one, and a definition that Node
 * loads by itself may bring another. A class that extends it and is not marked itself goes by its prototype, as any does.
 */
export function markErrors(errors: { prototype: Error }, name: string): void {
  const mark = Symbol.for(`gleaner.${name}`);
  MARKS.set(errors, mark);
  Object.defineProperty(errors.prototype, mark, { value: true });
}

/**
 * Thrown when gleaner cannot start or go on because something that it was given is wrong: an option, a file, a definition, a
 * schema, credentials. The message says what was being done, to what, and what would be right. The command line prints
 * it without a stack trace and exits with status 2.
 */
export class GleanerError extends Error {
  static {
    markErrors(this, 'GleanerError');
  }

  /** Holds for the errors of every copy of gleaner. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    const mark = MARKS.get(this);
    if (mark === undefined) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === 'object' && value !== null && mark in value;
  }

  override readonly name = 'GleanerError';
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;

  constructor(code: ErrorCode, message: string, options: { facts?: ErrorFacts; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.facts = options.facts ?? {};
  }
}
