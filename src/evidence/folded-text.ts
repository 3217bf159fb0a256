/** A text's letters and digits alone, in one case, each with the stretch of the text that it stands for. */
export interface FoldedText {
  letters: string;
  /** By position in `letters`: where its sign begins, and ends, in the text. */
  starts: Int32Array;
  ends: Int32Array;
}

const ASCII = foldedAscii();
/** One sign with the marks that belong to it. Half a pair stands for itself. */
const CLUSTER = /[\s\S]\p{M}*/uy;
const KEPT = /[\p{L}\p{N}\p{M}]/u;
/** Fractions, and raised digits, which often are notes: taken apart, ½ would be 12. Lowered ones are part of a word: H₂O. */
const WHOLE_NUMBER_SIGN = /(?![\u2080-\u2089])\p{No}/u;
/** Accents of letters that are often left off. In other scripts marks make another letter. */
const ACCENTS = /(?<=[\p{sc=Latn}\p{sc=Grek}])[\u0300-\u036f]+/gu;

/** Takes signs, case and accents from a text. Offsets stay true, also where one sign is written as several letters. */
export function foldText(text: string): FoldedText {
  const sink = new LetterSink(text.length);
  for (let at = 0; at < text.length;) {
    const unit = text.charCodeAt(at);
    const isPlain = unit < 128 && (at + 1 === text.length || text.charCodeAt(at + 1) < 128);
    if (isPlain) {
      const letter = ASCII[unit] ?? 0;
      if (letter !== 0) sink.add(letter, at, at + 1);
      at += 1;
      continue;
    }
    CLUSTER.lastIndex = at;
    const cluster = CLUSTER.exec(text)?.[0] ?? text.charAt(at);
    const end = at + cluster.length;
    for (const letter of foldCluster(cluster)) sink.add(letter, at, end);
    at = end;
  }
  return sink.done();
}

/** Numbers side by side instead of an object a letter. */
class LetterSink {
  #size = 0;
  #letters: Uint16Array;
  #starts: Int32Array;
  #ends: Int32Array;

  constructor(capacity: number) {
    this.#letters = new Uint16Array(capacity);
    this.#starts = new Int32Array(capacity);
    this.#ends = new Int32Array(capacity);
  }

  add(letter: number, start: number, end: number): void {
    if (this.#size === this.#letters.length) this.#grow();
    this.#letters[this.#size] = letter;
    this.#starts[this.#size] = start;
    this.#ends[this.#size] = end;
    this.#size += 1;
  }

  done(): FoldedText {
    const letters = this.#letters.subarray(0, this.#size);
    const bytes = Buffer.from(letters.buffer, letters.byteOffset, letters.byteLength);
    return { letters: bytes.toString('utf16le'), starts: this.#starts, ends: this.#ends };
  }

  /** One sign may be several letters: the ligature ffi is three. */
  #grow(): void {
    const capacity = this.#letters.length * 2 + 16;
    this.#letters = copied(this.#letters, new Uint16Array(capacity));
    this.#starts = copied(this.#starts, new Int32Array(capacity));
    this.#ends = copied(this.#ends, new Int32Array(capacity));
  }
}

function copied<Numbers extends Uint16Array | Int32Array>(from: Numbers, to: Numbers): Numbers {
  to.set(from);
  return to;
}

/** Only the letters, where no offsets are wanted. */
export function foldLetters(text: string): string {
  return foldText(text).letters;
}

const KNOWN_CLUSTERS = new Map<string, readonly number[]>();
const MAX_KNOWN = 20_000;

function foldCluster(cluster: string): readonly number[] {
  const known = KNOWN_CLUSTERS.get(cluster);
  if (known !== undefined) return known;
  const plain = WHOLE_NUMBER_SIGN.test(cluster)
    ? cluster
    : cluster.normalize('NFKD').replaceAll(ACCENTS, '').normalize('NFKC');
  // By way of capitals, so that ß is ss and both sigmas are one.
  const lower = plain.toUpperCase().toLowerCase();
  const units: number[] = [];
  for (const sign of lower) {
    if (KEPT.test(sign)) for (let at = 0; at < sign.length; at += 1) units.push(sign.charCodeAt(at));
  }
  if (KNOWN_CLUSTERS.size < MAX_KNOWN) KNOWN_CLUSTERS.set(cluster, units);
  return units;
}

function foldedAscii(): Uint8Array {
  const folded = new Uint8Array(128);
  for (let unit = 0; unit < 128; unit += 1) {
    const sign = String.fromCharCode(unit);
    if (/[a-z0-9]/i.test(sign)) folded[unit] = sign.toLowerCase().charCodeAt(0);
  }
  return folded;
}
