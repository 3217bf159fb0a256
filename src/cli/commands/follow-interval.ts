/** How often `status --follow` looks again, at a run and at a pool. */
export const FOLLOW_EVERY_MS = 2000;
