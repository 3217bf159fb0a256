import type { RecordFields } from '../records/record.ts';

/** Text between placeholders: `texts` has one entry more than `placeholders`. */
export interface Template {
  readonly texts: readonly string[];
  readonly placeholders: readonly Placeholder[];
}

/** A place that a column's value goes to. */
export interface Placeholder {
  /** As it stands between the braces: with a `?` behind an optional one. */
  readonly name: string;
  /** The column of an optional placeholder; undefined for one that every record must fill. */
  readonly optionalColumn: string | undefined;
}

const PLACEHOLDER = /\\\{\{|\{\{([^{}]*)\}\}/g;

/**
 * Splits a template at its placeholders, `{{column}}`. Spaces inside the braces are trimmed; a column's name may hold
 * anything but braces. `{{column?}}` may be filled with nothing. `\{{` stands for two braces, and braces that enclose no
 * name stay as they are.
 */
export function parseTemplate(source: string): Template {
  const texts: string[] = [];
  const placeholders: Placeholder[] = [];
  let text = '';
  let end = 0;
  for (const match of source.matchAll(PLACEHOLDER)) {
    text += source.slice(end, match.index);
    end = match.index + match[0].length;
    const name = match[1]?.trim();
    if (name === undefined) {
      text += '{{';
    } else if (name === '' || name === '?') {
      text += match[0];
    } else {
      texts.push(text);
      placeholders.push({ name, optionalColumn: name.endsWith('?') ? name.slice(0, -1).trimEnd() : undefined });
      text = '';
    }
  }
  texts.push(text + source.slice(end));
  return { texts, placeholders };
}

/** The columns that a template can show, each once. */
export function columnsOf({ placeholders }: Template): string[] {
  return [...new Set(placeholders.map(({ name, optionalColumn }) => optionalColumn ?? name))];
}

/**
 * Puts a record's values into a template, each as it stands: nothing is escaped, and placeholders inside a value are not looked at.
 * Values that are no text are written as JSON; null is written as nothing, as is the column of an optional placeholder that the
 * record lacks. Another column that it lacks is returned by name.
 */
export function renderTemplate(
  template: Template,
  fields: RecordFields,
): { readonly text: string } | { readonly missing: string } {
  const { texts, placeholders } = template;
  let text = texts[0] ?? '';
  for (const [index, { name, optionalColumn }] of placeholders.entries()) {
    // A column may have a question mark of its own.
    let value = valueOf(fields, name);
    if (value === undefined) {
      if (optionalColumn === undefined) return { missing: name };
      value = valueOf(fields, optionalColumn) ?? '';
    }
    text += typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);
    text += texts[index + 1] ?? '';
  }
  return { text };
}

function valueOf(fields: RecordFields, column: string): RecordFields[string] {
  return Object.hasOwn(fields, column) ? fields[column] : undefined;
}
