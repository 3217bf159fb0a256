import type { RejectEntry } from '../store/entries.ts';
import { clipText } from '../text/clip-text.ts';

const MAX_CODES = 40;
/** Ways of one code to end that are told apart, and those of all codes that are shown. */
const MAX_KINDS = 8;
const MAX_SHOWN = 20;
const MAX_RECORDS = 5;
const MAX_CONTENT = 1000;
const MAX_FIELDS = 8;
const MAX_VALUE = 300;
const MAX_MESSAGE = 200;

/** Rejects of one code that ended in the same words, numbers aside. */
export interface RejectKind {
  message: string;
  count: number;
  /** The first ones. */
  records: { id: string | null; index: number; line: number | undefined }[];
  /** Of the first one: its fields, or the text of its row, and the model's last answer. */
  record: ShownRecord;
  answer: string | undefined;
}

export interface ShownRecord {
  /** Without a name where the row could not be read. */
  fields: { name: string | undefined; text: string }[];
  fieldsLeftOut: number;
}

/** Examples of rejects by code and message, in constant memory. */
export class RejectExamples {
  #codes = new Map<string, Map<string, RejectKind>>();

  add({ id, index, error, record, answer }: RejectEntry): void {
    const code = clipText(error.code, 60);
    let kinds = this.#codes.get(code);
    if (kinds === undefined) {
      if (this.#codes.size >= MAX_CODES) return;
      kinds = new Map();
      this.#codes.set(code, kinds);
    }
    const words = error.message.slice(0, MAX_CONTENT).replaceAll(/\d+/g, '0').slice(0, MAX_MESSAGE);
    let kind = kinds.get(words);
    if (kind === undefined) {
      if (kinds.size >= MAX_KINDS) return;
      kind = {
        message: clipText(error.message, MAX_MESSAGE),
        count: 0,
        records: [],
        record: shownRecord(record),
        answer: answer === undefined ? undefined : clipText(answer, MAX_CONTENT),
      };
      kinds.set(words, kind);
    }
    kind.count += 1;
    if (kind.records.length >= MAX_RECORDS) return;
    kind.records.push({ id: id === null ? null : clipText(id, 80), index, line: error.line });
  }

  save(): Map<string, Map<string, RejectKind>> {
    return this.#codes;
  }

  load(codes: ReturnType<RejectExamples['save']>): void {
    this.#codes = codes;
  }

  /** At most 20 kinds in all, as many of each code as fit; of each code the most frequent first. */
  byCode(): ReadonlyMap<string, readonly RejectKind[]> {
    const sorted = [...this.#codes].map(
      ([code, kinds]) => [code, [...kinds.values()].sort((left, right) => right.count - left.count)] as const,
    );
    const chosen = new Map<string, RejectKind[]>();
    let free = MAX_SHOWN;
    for (let turn = 0; turn < MAX_KINDS; turn += 1) {
      for (const [code, kinds] of sorted) {
        const kind = kinds[turn];
        if (kind === undefined || free === 0) continue;
        free -= 1;
        chosen.set(code, [...(chosen.get(code) ?? []), kind]);
      }
    }
    return chosen;
  }
}

function shownRecord(record: RejectEntry['record']): ShownRecord {
  if (typeof record === 'string')
    return { fields: [{ name: undefined, text: clipText(record, MAX_CONTENT) }], fieldsLeftOut: 0 };
  const names = Object.keys(record);
  const fields = names.slice(0, MAX_FIELDS).map((name) => {
    const value = record[name];
    return {
      name: clipText(name, 60),
      text: clipText(typeof value === 'string' ? value : JSON.stringify(value), MAX_VALUE),
    };
  });
  return { fields, fieldsLeftOut: names.length - fields.length };
}
