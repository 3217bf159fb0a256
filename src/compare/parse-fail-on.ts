import { GleanerError } from '../gleaner-error.ts';
import { nearestName } from '../text/nearest-name.ts';
import { ALARM_KINDS, type AlarmKind, type CompareThresholds } from './alarms.ts';

/** Alarms that a number can follow. */
const NUMBERED = ['rejects', 'cost', 'latency', 'records'] as const;

/**
 * Reads `fields,rejects=0.02,cost=1.5` or `any`: which alarms count, and thresholds of one's own.
 *
 * @throws {GleanerError} for a word or a number that is none of these
 */
export function parseFailOn(text: string): { kinds: ReadonlySet<AlarmKind>; thresholds: Partial<CompareThresholds> } {
  const kinds = new Set<AlarmKind>();
  const thresholds: Partial<CompareThresholds> = {};
  for (const part of text.split(',').map((piece) => piece.trim())) {
    const [name = '', value] = part.split('=');
    if (part === 'any') {
      for (const kind of ALARM_KINDS) kinds.add(kind);
      continue;
    }
    const kind = ALARM_KINDS.find((known) => known === name);
    if (kind === undefined) {
      const nearest = nearestName(name, ALARM_KINDS);
      const hint = nearest === undefined ? `give any, or of ${ALARM_KINDS.join(', ')}` : `did you mean ${nearest}?`;
      throw new GleanerError('usage', `Cannot use the threshold ${part}: ${hint}`);
    }
    kinds.add(kind);
    if (value === undefined) continue;
    const place = NUMBERED.find((known) => known === kind);
    const threshold = Number(value);
    if (place === undefined || value.trim() === '' || !(threshold > 0 && Number.isFinite(threshold))) {
      throw new GleanerError(
        'usage',
        `Cannot use the threshold ${part}: a number above 0 may follow ${NUMBERED.join(', ')}, such as cost=1.5`,
      );
    }
    thresholds[place] = threshold;
  }
  return { kinds, thresholds };
}
