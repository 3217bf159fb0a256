/** Where a text may be cut: between paragraphs, lines or sentences. What is longer than a chunk is cut at the next finer place. */
export type CutPlace = 'paragraph' | 'line' | 'sentence';

export interface SplitOptions {
  /** Most characters of a chunk, without what it repeats of the one before. */
  chars: number;
  at: CutPlace;
  /** Characters of the chunk before that are read again, so that nothing is cut in two. */
  overlap: number;
}

/** A part of a text, by UTF-16 offsets. */
export interface Chunk {
  /** Where it begins to be read, and where it ends. */
  start: number;
  end: number;
  /** Where it begins if nothing is read twice: the end of the chunk before. */
  own: number;
}

const FINER: Readonly<Record<CutPlace, CutPlace | undefined>> = {
  paragraph: 'line',
  line: 'sentence',
  sentence: undefined,
};

/** Splits a text into chunks that together hold all of it, packed as full as the places to cut allow. */
export function splitText(text: string, { chars, at, overlap }: SplitOptions): Chunk[] {
  const chunks: Chunk[] = [];
  let own = 0;
  let end = 0;
  const close = (): void => {
    if (end > own) chunks.push({ start: overlapStart(text, own, overlap), own, end });
    own = end;
  };
  for (const piece of pieces(text, 0, text.length, at, chars)) {
    if (piece.end - own > chars) close();
    end = piece.end;
  }
  close();
  return chunks;
}

interface Span {
  start: number;
  end: number;
}

/** The pieces of a part of a text, none longer than a chunk. */
function* pieces(text: string, from: number, to: number, at: CutPlace, chars: number): Generator<Span> {
  for (const span of spans(text.slice(from, to), at)) {
    const piece = { start: from + span.start, end: from + span.end };
    if (piece.end - piece.start <= chars) yield piece;
    else {
      const finer = FINER[at];
      if (finer === undefined) yield* hardPieces(text, piece, chars);
      else yield* pieces(text, piece.start, piece.end, finer, chars);
    }
  }
}

/** The paragraphs, lines or sentences of a text, each with the white space behind it: they follow each other without a gap. */
function* spans(text: string, at: CutPlace): Generator<Span> {
  if (at === 'sentence') {
    for (const { index, segment } of new Intl.Segmenter(undefined, { granularity: 'sentence' }).segment(text)) {
      yield { start: index, end: index + segment.length };
    }
    return;
  }
  const border = at === 'paragraph' ? /\n[ \t\r]*\n\s*/g : /\n/g;
  let start = 0;
  for (const { 0: found, index } of text.matchAll(border)) {
    yield { start, end: index + found.length };
    start = index + found.length;
  }
  if (start < text.length) yield { start, end: text.length };
}

/** Cuts where there is no other place: behind white space in the last quarter, or anywhere but within a character. */
function* hardPieces(text: string, { start, end }: Span, chars: number): Generator<Span> {
  let from = start;
  while (end - from > chars) {
    const most = from + chars;
    const space = text.slice(from + Math.floor(chars * 0.75), most).search(/\s\S*$/);
    const at = space < 0 ? characterBorder(text, most) : from + Math.floor(chars * 0.75) + space + 1;
    const to = at > from ? at : most;
    yield { start: from, end: to };
    from = to;
  }
  if (end > from) yield { start: from, end };
}

/** What is read again begins behind white space where there is some. */
function overlapStart(text: string, own: number, overlap: number): number {
  const from = Math.max(0, own - overlap);
  if (from === 0 || from === own) return from;
  const space = text.slice(from, own).search(/\s\S/);
  return space < 0 ? characterBorder(text, from) : from + space + 1;
}

/** Not between the halves of a surrogate pair. */
function characterBorder(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc_00 && code <= 0xdf_ff ? at - 1 : at;
}
