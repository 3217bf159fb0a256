import { counted } from '../../text/counted.ts';
import { markup, nothing, outside, type Markup } from './markup.ts';

/** Nights are compared when the page stands already: this is where it goes. Text from outside cannot hold these, as `<` is escaped. */
const OPENING = '<!-- compared -->';
const CLOSING = '<!-- /compared -->';

const MAX_SHOWN = 6;

/** How a run differs from one before it. */
export interface ComparedRun {
  /** The run before, as a path. */
  before: string;
  /** What needs a look, a line each. */
  alarms: readonly string[];
  fields: number;
  tests: number;
  /** The command that says it at length; absent where its words cannot be printed. */
  command?: string | undefined;
}

/** What stands there while nothing is compared. */
export function comparisonPlace(isFinished: boolean): Markup {
  const text = isFinished
    ? markup`Not compared: no earlier finished run is known here. <code>gleaner compare</code> takes any two.`
    : markup`Nights are compared when they have finished.`;
  return markup`<!-- compared -->${text}<!-- /compared -->`;
}

/** A report's page with how the run differs from one before it; as it is where it has no place for that. */
export function withComparison(page: string, compared: ComparedRun): string {
  const start = page.indexOf(OPENING);
  const end = page.indexOf(CLOSING, start);
  if (start === -1 || end === -1) return page;
  return `${page.slice(0, start + OPENING.length)}${comparedText(compared).text}${page.slice(end)}`;
}

function comparedText({ before, alarms, fields, tests, command }: ComparedRun): Markup {
  const more = alarms.length - MAX_SHOWN;
  const beside = markup`<code>${outside(before, 120)}</code>`;
  if (alarms.length === 0)
    return markup`No: nothing that needs a look beside ${beside}, in ${counted(tests, 'test')} of ${counted(fields, 'field')}, rejects, cost, latency, model and number of records.`;
  return markup`<strong>Yes</strong>, beside ${beside}:
    <ul>${alarms.slice(0, MAX_SHOWN).map((alarm) => markup`<li>${outside(alarm, 240)}</li>`)}</ul>${
      more > 0 ? markup`and ${counted(more, 'more difference')}. ` : nothing
    }${command === undefined ? nothing : markup`<code>${outside(command, 300)}</code> says it at length.`}`;
}
