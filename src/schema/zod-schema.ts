/**
 * A zod schema of any flavour gleaner takes: zod 3 (3.25 and later), zod 4, zod/mini. Known by shape, never by class,
 * because the definition's copy of zod need not be ours. All of them carry the Standard Schema interface.
 */
export interface ZodSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => ValidationResult<Output> | Promise<ValidationResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

export type ValidationResult<Output> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly ValidationIssue[] };

export interface ValidationIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The value that parsing with the schema yields, after its transforms and defaults. */
export type SchemaOutput<Schema extends ZodSchema> = NonNullable<Schema['~standard']['types']>['output'];

/** The value that the schema takes, before its transforms and defaults. */
export type SchemaInput<Schema extends ZodSchema> = NonNullable<Schema['~standard']['types']>['input'];
