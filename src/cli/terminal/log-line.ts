/** One line of a log for programs. */
export function logLine(event: string, facts: object): string {
  return JSON.stringify({ time: new Date().toISOString(), event, ...facts });
}
