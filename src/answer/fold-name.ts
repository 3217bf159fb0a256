/** What numbers and their kin begin with: in them, signs and blanks mean something. */
const NUMBER_LIKE = /^[-+.]?\p{N}/u;
const QUOTED = /^(?:"(.*)"|'(.*)'|`(.*)`|“(.*)”|‘(.*)’)$/su;

/** The form in which a word is compared with the members of a closed set: without case, separators and one pair of quotation marks. */
export function foldWord(word: string | number): string {
  const plain = String(word).normalize('NFKC').trim();
  const bare = (
    QUOTED.exec(plain)
      ?.slice(1)
      .find((part) => part !== undefined) ?? plain
  ).trim();
  return NUMBER_LIKE.test(bare) ? bare : bare.toLowerCase().replaceAll(/[\s_-]/g, '');
}

/** The form in which names of properties are compared: without case, separators, quotation marks, and Markdown around them. */
export function foldName(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s_\-"'`*:“”‘’]/g, '');
}
