/** Markup that goes out as it is. Only `markup` makes it, so text from outside cannot become markup. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Content = string | number | Markup | readonly Markup[];

/** A template whose literal parts are markup and whose values are text, made harmless, unless they are markup already. */
export function markup(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(parts.reduce((text, part, index) => text + render(values[index - 1] ?? '') + part));
}

export const nothing: Markup = markup``;

/** Text from outside as an element of its own: bounded, and its writing direction kept to itself. */
export function outside(text: string, limit = 200): Markup {
  return markup`<bdi>${clipText(text, limit)}</bdi>`;
}

/** One line of at most `limit` UTF-16 units, with every character that does not show spelled out. */
export function clipText(text: string, limit: number): string {
  // Twice as much is looked at, so that runs of white space do not use up the space.
  const start = text.slice(0, 2 * limit);
  const clean = showHidden(start.replace(/\s+/gu, ' ').trim());
  if (clean.length <= limit && start.length === text.length) return clean;
  return `${clean.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/u, '')}…`;
}

function render(content: Content): string {
  if (content instanceof Markup) return content.text;
  if (typeof content === 'object') return content.map(({ text }) => text).join('');
  return typeof content === 'number' ? String(content) : escapeHtml(showHidden(content));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => entities[character] ?? '');
}

/**
 * Control, format (bidi overrides among them) and unpaired surrogate characters, line and paragraph separators. Joiners
 * and the soft hyphen are left alone: scripts and emoji need them, and they move nothing.
 */
const hidden = /(?![\u00AD\u200C\u200D])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Marks piled on one letter can cover the lines above and below; no language needs more than these. */
const piledMarks = /(\p{M}{4})\p{M}+/gu;

function showHidden(text: string): string {
  return text
    .replace(
      hidden,
      (character) => `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .replace(piledMarks, '$1');
}
