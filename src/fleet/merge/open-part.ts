import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OrderedLines } from '../../export/ordered-lines.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { readManifest, type Manifest } from '../../store/manifest.ts';
import { fileNames } from '../../store/run-directory.ts';
import type { MergedPart, MergePart } from './merge-part.ts';

/** Lines of one file of a part, in input order, and how far they are taken. */
interface Cursor {
  kind: 'results' | 'rejects';
  lines: OrderedLines;
  place: number;
}

/** A part of which lines are taken. */
export class OpenedPart {
  readonly part: MergePart;
  /** Undefined where its run had not begun. */
  readonly manifest: Manifest | undefined;
  readonly merged: MergedPart;
  readonly #cursors: Cursor[] = [];

  /** @throws {GleanerError} when it is no run directory, or cannot be read */
  constructor(part: MergePart, windowBytes: number) {
    this.part = part;
    this.merged = { directory: part.directory, results: 0, rejects: 0, calls: 0, tokens: 0 };
    this.manifest = readManifest(this.file('manifest'));
    for (const kind of ['results', 'rejects'] as const) {
      const size = part.lengths?.[kind];
      if (size === 0 || !existsSync(this.file(kind))) continue;
      this.#cursors.push({ kind, lines: new OrderedLines(this.file(kind), { size, windowBytes }), place: 0 });
    }
    if (this.manifest === undefined && this.#cursors.some(({ lines }) => lines.count > 0)) {
      throw new GleanerError('run-unreadable', `Cannot merge ${part.directory}: it holds no ${fileNames.manifest}`);
    }
  }

  file(name: keyof typeof fileNames): string {
    return join(this.part.directory, fileNames[name]);
  }

  /** The lines that end the row with this index; those of rows before it, which are not the part's, are refused. */
  *take(index: number): Generator<{ kind: Cursor['kind']; line: string }> {
    for (const cursor of this.#cursors) {
      const { kind, lines } = cursor;
      while (cursor.place < lines.count) {
        const found = lines.indexAt(cursor.place);
        if (found > index) break;
        if (found < index) throw this.#foreign(found);
        yield { kind, line: lines.lineAt(cursor.place) };
        cursor.place += 1;
        this.merged[kind] += 1;
      }
    }
  }

  /** @throws {GleanerError} when lines are left that nothing asked for */
  close({ isComplete = true } = {}): void {
    for (const { lines, place } of this.#cursors) {
      if (isComplete && place < lines.count) throw this.#foreign(lines.indexAt(place));
    }
    for (const { lines } of this.#cursors) lines.close();
  }

  #foreign(index: number): GleanerError {
    return new GleanerError(
      'merge-refused',
      `Cannot merge ${this.part.directory}: it ends the record in row ${index + 1}, which is in no chunk of it, or twice`,
    );
  }
}
