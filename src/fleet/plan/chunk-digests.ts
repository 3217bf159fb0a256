import { createHash, type Hash } from 'node:crypto';

const LF = 0x0a;

/** A piece of the file, and the text that it gave. */
interface Block {
  raw: Buffer;
  text: Buffer;
  rawStart: number;
  textStart: number;
}

/** What ends at a cut. */
export interface Cut {
  /** Bytes of the file before it. */
  offset: number;
  /** Of the bytes from the last cut on. */
  sha256: string;
}

/**
 * Cuts a file where rows of its text begin, and digests the pieces, holding no more of it than the row that is being read. Where the
 * file is in another encoding, a place in the text is found in the file again by the line ends before it: in every encoding that can be cut,
 * they are as many in both.
 */
export class ChunkDigests {
  readonly #whole = createHash('sha256');
  readonly #blocks: Block[] = [];
  #piece: Hash = createHash('sha256');
  #rawLength = 0;
  #textLength = 0;
  /** Bytes of the file that the current piece's digest has, with all before them. */
  #digested = 0;
  /** Bytes of the text before the first that rows are counted from. */
  #markBytes = 0;
  #newline = LF;
  #unitBytes: 1 | 2 = 1;
  #isBigEndian = false;

  /** Told before the first cut. */
  begin({ markBytes, newline, encoding }: { markBytes: number; newline: number; encoding: string }): void {
    this.#markBytes = markBytes;
    this.#newline = newline;
    this.#unitBytes = encoding.startsWith('utf-16') ? 2 : 1;
    this.#isBigEndian = encoding === 'utf-16be';
  }

  addBlock(raw: Buffer, text: Buffer): void {
    this.#whole.update(raw);
    this.#blocks.push({ raw, text, rawStart: this.#rawLength, textStart: this.#textLength });
    this.#rawLength += raw.length;
    this.#textLength += text.length;
  }

  /** Ends a piece before the row that begins at an offset of the text. */
  cutAt(textOffset: number): Cut {
    return this.#cut(this.#fileOffset(textOffset + this.#markBytes));
  }

  /** Ends the last piece. */
  cutAtEnd(): Cut {
    return this.#cut(this.#rawLength);
  }

  /** Lets go of what lies before a row that will not be before a cut. */
  passTo(textOffset: number): void {
    this.#digestTo(this.#fileOffset(textOffset + this.#markBytes));
  }

  /** Lets go of all, where there is nothing to cut. */
  passAll(): void {
    this.#blocks.length = 0;
  }

  /** The digest and size of the whole file, once all of it was added. */
  end(): { sha256: string; bytes: number } {
    return { sha256: this.#whole.copy().digest('hex'), bytes: this.#rawLength };
  }

  #cut(offset: number): Cut {
    this.#digestTo(offset);
    const sha256 = this.#piece.digest('hex');
    this.#piece = createHash('sha256');
    return { offset, sha256 };
  }

  #digestTo(offset: number): void {
    for (let [block] = this.#blocks; block !== undefined; [block] = this.#blocks) {
      const { raw, rawStart } = block;
      const end = Math.min(raw.length, offset - rawStart);
      const from = Math.max(0, this.#digested - rawStart);
      if (end > from) this.#piece.update(raw.subarray(from, end));
      if (end < raw.length) break;
      this.#blocks.shift();
    }
    this.#digested = Math.max(this.#digested, offset);
  }

  #fileOffset(textOffset: number): number {
    const block = this.#blocks.findLast(({ textStart }) => textStart <= textOffset);
    // All before the first block that is held was let go: the place is where it begins.
    if (block === undefined) return this.#digested;
    const { raw, text, rawStart, textStart } = block;
    if (raw === text) return rawStart + textOffset - textStart;
    let at = 0;
    for (let lines = this.#linesBefore(text, textOffset - textStart); lines > 0; lines -= 1) {
      at = this.#nextLine(raw, rawStart, at);
    }
    return rawStart + at;
  }

  #linesBefore(text: Buffer, end: number): number {
    let lines = 0;
    for (let at = text.indexOf(this.#newline); at !== -1 && at < end; at = text.indexOf(this.#newline, at + 1))
      lines += 1;
    return lines;
  }

  /** Where the line after the next line end begins. */
  #nextLine(raw: Buffer, rawStart: number, from: number): number {
    if (this.#unitBytes === 1) return raw.indexOf(this.#newline, from) + 1;
    const unit = Buffer.from(this.#isBigEndian ? [0, this.#newline] : [this.#newline, 0]);
    let at = raw.indexOf(unit, from);
    while (at !== -1 && (rawStart + at) % 2 === 1) at = raw.indexOf(unit, at + 1);
    return at + 2;
  }
}
