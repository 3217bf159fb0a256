/** What a reader does not see, or what moves what they see: controls, line and paragraph separators, format characters. */
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Writes every invisible character as its escape, so that names from definitions and values from stored data can neither
 * hide anything nor pass for commands of a terminal or a CI runner. Line ends and tabs are kept where `keepLines` says so.
 */
export function visibleText(text: string, { keepLines = false }: { keepLines?: boolean } = {}): string {
  return text.replaceAll(INVISIBLE, (char) => {
    if (keepLines && /[\n\r\t]/.test(char)) return char;
    const code = char.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** Escapes invisible characters inside JSON text in the way JSON itself does, so that it stays the same value. */
export function visibleJson(text: string): string {
  return text.replaceAll(INVISIBLE, (char) =>
    char === '\n' ? char : char.replaceAll(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}
