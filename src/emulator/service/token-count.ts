/**
 * Tokens of a text by character classes: no tokenizer, but stable, fast and of the right size. Digits cost a token each,
 * CJK about 0.6, other letters about 0.2, punctuation about 0.6; a space joins the word that follows it.
 */
export function countTokens(text: string): number {
  let tenths = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    tenths += code < 128 ? (asciiTenths[code] ?? 6) : nonAsciiTenths(code);
  }
  return Math.ceil(tenths / 10);
}

const asciiTenths = Uint8Array.from({ length: 128 }, (_, code) => {
  if (code === 32) return 0;
  if (code < 32) return 5;
  if (code >= 48 && code <= 57) return 10;
  return /[a-z]/i.test(String.fromCharCode(code)) ? 2 : 6;
});

function nonAsciiTenths(code: number): number {
  const isCjk =
    (code >= 0x3040 && code <= 0x30ff) || (code >= 0x3400 && code <= 0x9fff) || (code >= 0xac00 && code <= 0xd7af);
  if (isCjk) return 6;
  // Half of a surrogate pair: an emoji or a rare character costs a token or more.
  if (code >= 0xd800 && code <= 0xdfff) return 7;
  return code >= 0x2000 && code <= 0x2fff ? 6 : 3;
}
