import type { Model } from './model.ts';

/** Shut down, and here so that whoever still asks for one is told. */
export const gemini1: readonly Model[] = [
  { id: 'google/gemini-1.0-pro', retiredOn: '2025-04-09' },
  ...['flash', 'flash-001', 'flash-002', 'pro', 'pro-001', 'pro-002'].map((name) => ({
    id: `google/gemini-1.5-${name}`,
    retiredOn: '2025-09-24',
  })),
];
