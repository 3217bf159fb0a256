import { hasChar, intersectionOf, representativeOf, type CharSet } from '../regex/char-set.ts';
import type { Language } from '../regex/language.ts';

/** A set of characters that all languages at hand treat alike. */
export interface Letter {
  readonly codePoint: number;
  readonly rank: number;
  /** For each language its own class. */
  readonly classes: readonly number[];
}

/** The letters of each combination of languages, made once. */
export class Letters {
  readonly #known = new Map<string, Letter[]>();

  /** The letters of languages that are known by their sources. */
  of(sources: readonly string[], languages: readonly Language[]): Letter[] {
    const key = JSON.stringify(sources);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    let groups: { set: CharSet; classes: number[] }[] = [{ set: [0, 0x10ffff], classes: [] }];
    for (const language of languages) {
      groups = groups.flatMap((group) =>
        language.classes.flatMap((charClass, index) => {
          const set = intersectionOf(group.set, charClass);
          return set.length === 0 ? [] : [{ set, classes: [...group.classes, index] }];
        }),
      );
    }
    const letters = groups.map(({ set, classes }) => ({ ...representativeOf(set), classes, set }));
    letters.sort((left, right) => left.rank - right.rank);
    this.#known.set(key, letters);
    return letters;
  }
}

/** The letters, and every character of the given strings as a letter of its own, so that they can be told from others. */
export function withChars(
  letters: readonly Letter[],
  texts: ReadonlySet<string>,
  languages: readonly Language[],
): readonly Letter[] {
  if (texts.size === 0) return letters;
  const special = new Set([...texts].flatMap((text) => Array.from(text, (char) => char.codePointAt(0) ?? 0)));
  const result = [...letters];
  for (const codePoint of special) {
    if (letters.some((letter) => letter.codePoint === codePoint)) continue;
    const classes = languages.map((language) => language.classOf(codePoint));
    if (!classes.includes(-1)) result.push({ codePoint, rank: 0, classes });
  }
  // A letter whose representative is special needs another character of its kind that is not.
  for (const letter of letters) {
    if (!special.has(letter.codePoint)) continue;
    const other = otherMember(letter, special, languages);
    if (other !== undefined) result.push({ ...letter, codePoint: other });
  }
  return result;
}

function otherMember(letter: Letter, special: ReadonlySet<number>, languages: readonly Language[]): number | undefined {
  let set: CharSet = [0, 0x10ffff];
  for (const [index, language] of languages.entries()) {
    set = intersectionOf(set, language.classes[letter.classes[index] ?? 0] ?? []);
  }
  const preferred = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  for (const char of preferred) {
    const codePoint = char.codePointAt(0) ?? 0;
    if (!special.has(codePoint) && hasChar(set, codePoint)) return codePoint;
  }
  for (let index = 0; index < set.length; index += 2) {
    for (let codePoint = set[index] ?? 0; codePoint <= (set[index + 1] ?? 0); codePoint += 1) {
      if (!special.has(codePoint)) return codePoint;
    }
  }
  return undefined;
}
