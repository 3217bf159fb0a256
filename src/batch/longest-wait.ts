/** The longest that Vertex AI lets a batch job of Gemini wait in its queue, where it expires, and be at work, where the rest is cancelled. In hours. */
export const LONGEST_BATCH_WAIT = { queueHours: 72, workHours: 24 } as const;
