import { clipText } from '../../text/clip-text.ts';
import { showHidden } from '../../text/show-hidden.ts';

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

function render(content: Content): string {
  if (content instanceof Markup) return content.text;
  if (typeof content === 'object') return content.map(({ text }) => text).join('');
  return typeof content === 'number' ? String(content) : escapeHtml(showHidden(content));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '');
}
