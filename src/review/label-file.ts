import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { refuseIrregular } from '../files/refuse-irregular.ts';
import { readPlacedJsonLines } from '../files/read-json-lines.ts';
import { GleanerError } from '../gleaner-error.ts';
import { StoreError } from '../files/store-error.ts';
import { parseJsonObject } from '../json/parse-json.ts';
import { isLabel, type Label } from './label.ts';

const LABEL_FORM = 'it must hold id, value, by, at, and a path that is empty or begins with a slash';

/**
 * labels.jsonl of a run: read once, then only appended to, a line at a time, so that several reviewers may work at once and a kill costs
 * at most the line that was being written.
 */
export class LabelFile {
  readonly #path: string;
  readonly #byId = new Map<string, Label[]>();
  readonly #lines = new Map<Label, number>();

  /**
   * @throws {GleanerError} when something else than a file of ours stands at the path, or a line is no label
   * @throws {StoreError} when it cannot be read
   */
  constructor(path: string) {
    refuseIrregular([path]);
    this.#path = path;
    let lineNumber = 0;
    const refuse = (at: number): never => {
      throw new GleanerError(
        'labels-invalid',
        `Cannot read ${path}: line ${at} is no label; ${LABEL_FORM}. Mend the line, or take it out`,
      );
    };
    for (const { value: line } of readPlacedJsonLines(path, () => refuse(lineNumber + 1))) {
      lineNumber += 1;
      if (!isLabel(line)) return refuse(lineNumber);
      this.#lines.set(line, lineNumber);
      this.#remember(line);
    }
    // Editors may leave off the last newline; what a kill has left unfinished is no label.
    const last = unendedLabel(path);
    if (last === undefined) return;
    this.#lines.set(last, lineNumber + 1);
    this.#remember(last);
  }

  /** The labels of a record, oldest first. */
  of(id: string): readonly Label[] {
    return this.#byId.get(id) ?? [];
  }

  /** The line on which a label stood when the file was read. */
  lineOf(label: Label): number | undefined {
    return this.#lines.get(label);
  }

  /** Records that have labels. */
  get size(): number {
    return this.#byId.size;
  }

  ids(): Iterable<string> {
    return this.#byId.keys();
  }

  /** @throws {StoreError} when it cannot be written; the label does not count then */
  append(label: Label): void {
    try {
      const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants;
      // Windows knows no O_NOFOLLOW.
      const fd = openSync(this.#path, O_APPEND | O_CREAT | O_RDWR | (O_NOFOLLOW ?? 0), 0o666);
      try {
        const { id, path, value, by, at } = label;
        const line = `${JSON.stringify({ id, path, value, by, at })}\n`;
        if (endsTorn(fd)) mendEnd(fd, this.#path);
        writeSync(fd, line);
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      throw new StoreError('write', this.#path, error);
    }
    this.#remember(label);
  }

  #remember(label: Label): void {
    const known = this.#byId.get(label.id);
    if (known === undefined) this.#byId.set(label.id, [label]);
    else known.push(label);
  }
}

/** The label of a last line that lacks its newline only. */
function unendedLabel(path: string): Label | undefined {
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const last = parseJsonObject(bytes.toString('utf8', bytes.lastIndexOf(0x0a) + 1));
  return isLabel(last) ? last : undefined;
}

/** Ends a last line that lacks its newline only, and cuts one that a kill left unfinished: behind it, no line could be read. */
function mendEnd(fd: number, path: string): void {
  const bytes = readFileSync(path);
  const start = bytes.lastIndexOf(0x0a) + 1;
  if (parseJsonObject(bytes.toString('utf8', start)) === undefined) truncateSync(path, start);
  else writeSync(fd, '\n');
}

/** Whether the last line has no newline: the next one must not be joined to it. */
function endsTorn(fd: number): boolean {
  const { size } = fstatSync(fd);
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last[0] !== 0x0a;
}
