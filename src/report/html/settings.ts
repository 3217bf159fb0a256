import type { JsonValue } from '../../json/value.ts';
import { formatDuration } from '../../text/format.ts';
import { limitsTable } from './limits.ts';
import { markup, nothing, outside, type Markup } from './markup.ts';
import type { ReportParts } from './parts.ts';
import { counted, formatTime } from './phrases.ts';
import { table } from './table.ts';

const MAX_SESSIONS = 20;
const MAX_SETTINGS = 40;

/** How the run came about: its sessions, what it is, and the settings of the latest session. */
export function settingsSection({ usage, manifest }: ReportParts): Markup {
  const { sessions, identity, settings } = manifest;
  const latest = sessions.slice(-MAX_SESSIONS);
  return markup`<section>
    <h2>How it was run</h2>
    ${table({
      caption: 'Sessions',
      columns: [{ head: 'Started' }, { head: 'Took', isNumber: true }, { head: 'Ended' }],
      rows: latest.map(({ startedAt, endedAt, status, reason }) => [
        outside(formatTime(startedAt), 40),
        markup`${durationText(startedAt, endedAt)}`,
        markup`${outside(endedAt === null ? 'without a word: the process was killed' : status, 60)}${
          reason === undefined ? nothing : markup`<br><span class="quiet">${outside(reason)}</span>`
        }`,
      ]),
      ...(sessions.length > latest.length
        ? { note: `the latest; ${counted(sessions.length - latest.length, 'earlier one')} in run.json` }
        : {}),
    })}
    <div class="columns block">
      ${limitsTable(usage)}
      ${settingsTable('What the run is', identity)}
      ${settingsTable('Settings of the latest session', settings)}
    </div>
  </section>`;
}

function durationText(startedAt: string, endedAt: string | null): string {
  const milliseconds = Date.parse(endedAt ?? '') - Date.parse(startedAt);
  return Number.isNaN(milliseconds) ? '' : formatDuration(milliseconds);
}

function settingsTable(caption: string, values: Readonly<Record<string, JsonValue>>): Markup {
  const given = Object.entries(values).filter(([, value]) => value !== null);
  return table({
    caption,
    columns: [{ head: 'Name' }, { head: 'Value' }],
    rows: given
      .slice(0, MAX_SETTINGS)
      .map(([name, value]) => [
        outside(name, 60),
        outside(typeof value === 'string' ? value : JSON.stringify(value), 200),
      ]),
  });
}
