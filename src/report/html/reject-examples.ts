import type { RejectKind, ShownRecord } from '../../accounting/reject-examples.ts';
import { markup, nothing, outside, type Markup } from './markup.ts';
import { counted } from '../../text/counted.ts';
import type { RejectAdvice } from './parts.ts';

/** Of how many kinds record and answer are shown; of the others the words say enough. */
const MAX_OPEN = 2;

/** What happened to several in the same words is said once, with the first of them beside it. */
export function rejectKinds(kinds: readonly RejectKind[], count: number, advice: RejectAdvice | undefined): Markup {
  const rest = count - kinds.reduce((sum, kind) => sum + kind.count, 0);
  return markup`<ul class="kinds">${kinds.map((kind, index) => kindItem(kind, detailOf(kind.message, advice), index < MAX_OPEN))}</ul>${
    rest > 0 ? markup`<p class="note">and ${counted(rest, 'record')} in other words</p>` : nothing
  }`;
}

/** What a message says beyond what stands above it for all records of its code. */
function detailOf(message: string, advice: RejectAdvice | undefined): string {
  if (advice === undefined) return message;
  const start = message.startsWith(`${advice.meaning}: `) ? advice.meaning.length + 2 : 0;
  // The message may be cut short within the advice.
  const isAdvice = (at: number): boolean => advice.advice.startsWith(message.slice(at + 2).replace(/…$/, ''));
  let end = message.indexOf('; ', start);
  while (end !== -1 && !isAdvice(end)) end = message.indexOf('; ', end + 2);
  const detail = message.slice(start, end === -1 ? undefined : end);
  return `${detail.slice(0, 1).toUpperCase()}${detail.slice(1)}`;
}

function kindItem({ count, records, record, answer }: RejectKind, detail: string, isOpen: boolean): Markup {
  return markup`<li><p class="message">${outside(detail)}</p>
    <p class="note">${counted(count, 'record')}: ${records.map(
      (one, place) => markup`${place === 0 ? nothing : ', '}${recordName(one)}`,
    )}${count > records.length ? ' …' : ''}</p>
    ${isOpen ? exampleBlock({ record, answer }) : nothing}</li>`;
}

function recordName({ id, index, line }: RejectKind['records'][number]): Markup {
  if (id === null) return line === undefined ? markup`row ${index + 1}` : markup`line ${line}`;
  return line === undefined ? outside(id, 80) : markup`${outside(id, 80)} (line ${line})`;
}

function exampleBlock({ record, answer }: Pick<RejectKind, 'record' | 'answer'>): Markup {
  return markup`<div class="example"><div><h4>Record</h4>${recordList(record)}</div>${
    answer === undefined
      ? nothing
      : markup`<div><h4>Last answer</h4>${answer === '' ? markup`<p class="quiet">empty</p>` : markup`<p><code>${outside(answer, 600)}</code></p>`}</div>`
  }</div>`;
}

function recordList({ fields, fieldsLeftOut }: ShownRecord): Markup {
  return markup`<dl>${fields.map(({ name, text }) =>
    name === undefined
      ? markup`<dt class="quiet">row</dt><dd>${outside(text, 600)}</dd>`
      : markup`<dt>${outside(name, 60)}</dt><dd>${outside(text, 240)}</dd>`,
  )}</dl>${fieldsLeftOut > 0 ? markup`<p class="note">and ${counted(fieldsLeftOut, 'more field')}</p>` : nothing}`;
}
