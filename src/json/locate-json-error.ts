const LITERALS = ['true', 'false', 'null'];

/**
 * The 0-based position at which text stops being JSON; its length where it is merely unfinished; undefined for valid
 * JSON. JSON.parse says it only sometimes, differently in every Node version, and quotes the text while doing so.
 */
export function locateJsonError(text: string): number | undefined {
  /** One entry for each open container: the character that closes it. A list, as recursion would overflow. */
  const closers: string[] = [];
  let at = skipSpace(text, 0);
  let state: 'value' | 'value-or-close' | 'key' | 'key-or-close' | 'after' = 'value';
  for (;;) {
    const char = text[at];
    if (state === 'after') {
      const closer = closers.at(-1);
      if (closer === undefined) return at < text.length ? at : undefined;
      if (char === closer) {
        closers.pop();
        at += 1;
      } else if (char === ',') {
        state = closer === '}' ? 'key' : 'value';
        at += 1;
      } else return at;
    } else if ((state === 'value-or-close' || state === 'key-or-close') && char === closers.at(-1)) {
      closers.pop();
      state = 'after';
      at += 1;
    } else if (state === 'key' || state === 'key-or-close') {
      if (char !== '"') return at;
      const key = scanString(text, at);
      if (!key.isValid) return key.at;
      at = skipSpace(text, key.at);
      if (text[at] !== ':') return at;
      state = 'value';
      at += 1;
    } else if (char === '{') {
      closers.push('}');
      state = 'key-or-close';
      at += 1;
    } else if (char === '[') {
      closers.push(']');
      state = 'value-or-close';
      at += 1;
    } else {
      const value = scanScalar(text, at);
      if (!value.isValid) return value.at;
      state = 'after';
      at = value.at;
    }
    at = skipSpace(text, at);
  }
}

interface Scan {
  readonly isValid: boolean;
  /** After the value, or where it goes wrong. */
  readonly at: number;
}

function scanScalar(text: string, start: number): Scan {
  if (text[start] === '"') return scanString(text, start);
  const literal = LITERALS.find((word) => word[0] === text[start]);
  if (literal !== undefined) {
    let length = 0;
    while (length < literal.length && text[start + length] === literal[length]) length += 1;
    return { isValid: length === literal.length, at: start + length };
  }
  return scanNumber(text, start);
}

function scanNumber(text: string, start: number): Scan {
  let at = start;
  if (text[at] === '-') at += 1;
  if (text[at] === '0') at += 1;
  else if (isDigit(text, at)) at = skipDigits(text, at);
  else return { isValid: false, at };
  if (text[at] === '.') {
    at += 1;
    if (!isDigit(text, at)) return { isValid: false, at };
    at = skipDigits(text, at);
  }
  if (text[at] === 'e' || text[at] === 'E') {
    at += 1;
    if (text[at] === '+' || text[at] === '-') at += 1;
    if (!isDigit(text, at)) return { isValid: false, at };
    at = skipDigits(text, at);
  }
  return { isValid: true, at };
}

function scanString(text: string, start: number): Scan {
  let at = start + 1;
  for (;;) {
    const code = text.charCodeAt(at);
    // NaN, past the end, fails both comparisons that follow.
    if (!(code >= 0x20)) return { isValid: false, at: Math.min(at, text.length) };
    if (code === 0x22) return { isValid: true, at: at + 1 };
    if (code === 0x5c) {
      const escaped = text[at + 1] ?? '';
      if (escaped === 'u') {
        for (let digit = 0; digit < 4; digit += 1) {
          if (!/^[0-9a-fA-F]$/.test(text[at + 2 + digit] ?? '')) return { isValid: false, at: at + 2 + digit };
        }
        at += 6;
      } else if (escaped !== '' && '"\\/bfnrt'.includes(escaped)) at += 2;
      else return { isValid: false, at: at + 1 };
    } else at += 1;
  }
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

function skipDigits(text: string, start: number): number {
  let at = start;
  while (isDigit(text, at)) at += 1;
  return at;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
    at += 1;
  }
}
