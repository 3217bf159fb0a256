import type { Writable } from 'node:stream';
import { formatCount } from '../../text/format.ts';
import type { RunSummary } from '../../run/session/run-in-directory.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { logLine, type LogLevel } from './log-line.ts';
import { progressFacts, progressLine } from './progress-line.ts';
import { describeStart, everySoOften, listenWith, type Reporter } from './reporter.ts';
import { ServiceHealth } from './service-health.ts';

/** Tells a log collector how a run is going: one object a line. */
export function createJsonReporter(stderr: Writable, runId: string): Reporter {
  const health = new ServiceHealth();
  let stopFollowing = (): void => undefined;
  const log = (event: string, level: LogLevel, message: string, facts: object = {}): void =>
    void stderr.write(`${logLine(event, { level, message, runId, ...facts })}\n`);
  const notice = (message: string): void => log('notice', 'warning', message);
  return {
    start: (start) => log('run-start', 'info', describeStart(start), start),
    follow: (progress, countRecords) => {
      stopFollowing = everySoOften(progress, countRecords, (...figures) =>
        log(
          'run-progress',
          health.isFailing ? 'warning' : 'info',
          progressLine(progress, health, ...figures),
          progressFacts(progress, health, ...figures),
        ),
      );
    },
    onEvent: listenWith(notice, health),
    notice,
    end: (summary) => {
      stopFollowing();
      log('run-end', levelOf(summary), describeEnd(summary), summary);
    },
    close: () => stopFollowing(),
  };
}

function describeEnd({ status, reason, records }: RunSummary): string {
  const counts = `${formatCount(records.extracted)} extracted, ${formatCount(records.rejected)} rejected`;
  return reason === null ? `${status}: ${counts}` : `${status}: ${counts}; ${reason}`;
}

/** Somebody must act on a run that stopped before its end, and may want to look at one that was interrupted or has rejects. */
function levelOf({ exitCode, status }: RunSummary): LogLevel {
  if (exitCode === EXIT_CODES.ok) return 'info';
  return status === 'finished' || status === 'interrupted' ? 'warning' : 'error';
}
