import { counted } from '../../text/counted.ts';
import { formatCount, formatDuration, formatRate } from '../../text/format.ts';
import type { MergeEnd } from './run-jobs.ts';
import type { RunStopNote } from './stop-note.ts';

/** What a worker says of itself every ten seconds. */
export interface WorkerBeat {
  name: string;
  /** The chunk that it is at, and the run's name; null between two. */
  run: string | null;
  chunk: number | null;
  /** Records that it has ended since it started, and lately in a second. */
  records: number;
  recordsPerSecond: number;
}

/** A run of a fleet, as its queue has it. */
export interface FleetRunStatus {
  run: string;
  definition: string;
  input: string;
  out: string;
  rows: number;
  chunks: { total: number; waiting: number; active: number; done: number; setAside: number };
  /** How its merge ended; null before that. */
  end: MergeEnd | null;
  /** Why its workers stopped since it was submitted last; null where they did not. */
  stop: RunStopNote | null;
}

export interface FleetStatus {
  runs: FleetRunStatus[];
  workers: (WorkerBeat & { seenMsAgo: number })[];
  recordsPerSecond: number;
}

/** Twice as long as workers are silent between two words, and a little. */
export const SILENT_MS = 21_000;

/** The fleet, for people. */
export function fleetStatusText({ runs, workers, recordsPerSecond }: FleetStatus): string {
  const lines = runs.map(({ definition, out, chunks, end, stop }) => {
    const { total, waiting, active, done, setAside } = chunks;
    const parts = [
      `${formatCount(done)} of ${counted(total, 'chunk')} done`,
      `${formatCount(active)} at work`,
      `${formatCount(waiting)} wait`,
    ];
    if (setAside > 0) parts.push(`${formatCount(setAside)} set aside`);
    if (end !== null)
      parts.push(end.exitCode === 0 ? 'merged' : `exit ${end.exitCode}${end.reason === null ? '' : `: ${end.reason}`}`);
    else if (stop !== null) parts.push(`stopped, exit ${stop.exitCode}: ${stop.reason}`);
    return `  ${definition} in ${out}: ${parts.join(', ')}`;
  });
  const at = workers.map(
    ({ name, chunk, recordsPerSecond: each, seenMsAgo }) =>
      `  worker ${name}: ${chunk === null ? 'between two chunks' : `at chunk ${chunk}`}, ${seenMsAgo < SILENT_MS ? `${formatRate(each)} records/s` : `silent for ${formatDuration(seenMsAgo)}: it was killed, stands still or is cut off`}`,
  );
  return [
    `fleet: ${counted(runs.length, 'run')}, ${counted(workers.length, 'worker')}, ${formatRate(recordsPerSecond)} records/s`,
    ...lines,
    ...at,
  ].join('\n');
}
