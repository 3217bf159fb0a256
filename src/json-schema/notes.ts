/**
 * The keyword under which the converters note a zod type that JSON cannot hold. Both zod versions would rather throw
 * or write `{}`; the note lets the whole schema be read first and the place be named as the user knows it.
 */
export const ZOD_TYPE_NOTE = 'x-gleaner-zod-type';

/** Marks a place from which a pattern was left out, because no JSON Schema can say what its flags mean. */
export const LOST_PATTERN_NOTE = 'x-gleaner-lost-pattern';

/** Marks a place whose `pattern` is the one that zod itself has for the `format` beside it. */
export const FORMAT_PATTERN_NOTE = 'x-gleaner-format-pattern';
