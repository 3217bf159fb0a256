// oxlint-disable-next-line no-control-regex
const NOT_ASCII = /[^\0-\x7f]/;
const OTHERS = /(?![0-9])[\p{Nd}٫٬，．]/gu;
const SIGNS: Readonly<Record<string, string>> = { '٫': '.', '٬': ',', '，': ',', '．': '.' };
const KNOWN = new Map<string, string>();

/** The text with the digits of all scripts written as 0 to 9, and their points and commas as ours. Offsets stay as they are. */
export function asciiDigits(text: string): string {
  if (!NOT_ASCII.test(text)) return text;
  return text.replaceAll(OTHERS, (sign) => {
    if (sign.length > 1) return sign;
    let plain = KNOWN.get(sign);
    if (plain === undefined) KNOWN.set(sign, (plain = SIGNS[sign] ?? String(digitOf(sign))));
    return plain;
  });
}

/** The ten digits of a script follow each other, and no other digit is next to them. */
function digitOf(sign: string): number {
  let code = sign.charCodeAt(0);
  let digit = 0;
  while (digit < 9 && /\p{Nd}/u.test(String.fromCharCode(code - 1))) {
    code -= 1;
    digit += 1;
  }
  return digit;
}
