/**
 * Control, format (bidi overrides among them) and unpaired surrogate characters, line and paragraph separators. Joiners
 * and the soft hyphen are left alone: scripts and emoji need them, and they move nothing.
 */
const HIDDEN = /(?![\u00AD\u200C\u200D])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Marks piled on one letter can cover the lines above and below; no language needs more than these. */
const PILED_MARKS = /(\p{M}{4})\p{M}+/gu;

/** Text with every character that does not show spelled out. */
export function showHidden(text: string): string {
  return text
    .replace(
      HIDDEN,
      (character) => `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .replace(PILED_MARKS, '$1');
}
