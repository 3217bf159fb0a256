/** The longest that a timer takes. */
export const MAX_MS = 2 ** 31 - 1;

export const MAX_PORT = 65_535;

/** Each call in flight has a connection of its own, and there are no more ports than that. */
export const MAX_CONCURRENCY = 65_535;
