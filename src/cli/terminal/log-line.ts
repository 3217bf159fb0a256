export type LogLevel = 'info' | 'warning' | 'error';

/** What every line of a log for programs has. */
export interface LogFacts {
  level: LogLevel;
  /** What happened, in a sentence for people. */
  message: string;
  /** The same in all lines of one command, and in those of no other. */
  runId: string;
}

/** One line of a log for programs. */
export function logLine<Facts extends LogFacts>(event: string, { level, message, runId, ...facts }: Facts): string {
  return JSON.stringify({ time: new Date().toISOString(), level, event, message, runId, ...facts });
}
