import { datesOf, type DatePlace } from './date-readings.ts';
import type { RecordText } from './evidence.ts';
import { foldText, type FoldedText } from './folded-text.ts';
import { numbersOf, type NumberPlace } from './number-readings.ts';
import { wordsOf, type Word } from './words.ts';

/** A text that values are looked for in. What of it is needed is made once, when it is first asked for. */
export class SourceText {
  readonly field: string | undefined;
  readonly text: string;
  /** Where the text begins if all texts of the record follow each other. */
  readonly base: number;
  #folded: FoldedText | undefined;
  #words: Word[] | undefined;
  #numbers: ReadonlyMap<string, readonly NumberPlace[]> | undefined;
  #dates: readonly DatePlace[] | undefined;

  constructor({ field, text }: RecordText, base: number) {
    this.field = field;
    this.text = text;
    this.base = base;
  }

  get folded(): FoldedText {
    return (this.#folded ??= foldText(this.text));
  }

  get words(): readonly Word[] {
    return (this.#words ??= wordsOf(this.text));
  }

  get dates(): readonly DatePlace[] {
    return (this.#dates ??= datesOf(this.text));
  }

  /** The places of a number, in the form of `decimalOf`. */
  numbersOf(decimal: string): readonly NumberPlace[] {
    this.#numbers ??= byReading(numbersOf(this.text));
    return this.#numbers.get(decimal) ?? [];
  }
}

/** The texts of a record in their order. */
export function sourceTexts(texts: readonly RecordText[]): SourceText[] {
  let base = 0;
  return texts.map((text) => {
    const source = new SourceText(text, base);
    base += text.text.length + 1;
    return source;
  });
}

function byReading(places: readonly NumberPlace[]): Map<string, NumberPlace[]> {
  const map = new Map<string, NumberPlace[]>();
  for (const place of places) {
    for (const reading of new Set(place.readings)) {
      const known = map.get(reading);
      if (known === undefined) map.set(reading, [place]);
      else known.push(place);
    }
  }
  return map;
}
