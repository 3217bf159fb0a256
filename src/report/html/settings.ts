import { isJsonObject, type JsonValue } from '../../json/value.ts';
import { counted } from '../../text/counted.ts';
import { formatCount, formatDuration } from '../../text/format.ts';
import { limitsTable } from './limits.ts';
import { markup, nothing, outside, type Markup } from './markup.ts';
import type { ReportParts } from './parts.ts';
import { formatTime } from './phrases.ts';
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
      rows: latest.map(({ startedAt, endedAt, wallMs, status, reason }) => [
        outside(formatTime(startedAt), 40),
        markup`${wallMs === undefined ? durationText(startedAt, endedAt) : formatDuration(wallMs)}`,
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
      .map(([name, value]) => [outside(inWords(name), 60), outside(valueText(value), 200)]),
  });
}

/** `maxAttempts` as words, which a narrow column breaks between and not within. */
function inWords(name: string): string {
  return name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function valueText(value: JsonValue): string {
  if (isJsonObject(value) && typeof value['sha256'] === 'string') {
    const { bytes } = value;
    const size = typeof bytes === 'number' ? `${formatCount(bytes)} bytes, ` : '';
    return `${size}SHA-256 ${value['sha256'].slice(0, 12)}…`;
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}
