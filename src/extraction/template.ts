import type { RecordFields } from '../records/record.ts';

/** Text between placeholders and the columns they name: `texts` has one entry more than `columns`. */
export interface Template {
  readonly texts: readonly string[];
  readonly columns: readonly string[];
}

const placeholder = /\\\{\{|\{\{([^{}]*)\}\}/g;

/**
 * Splits a template at its placeholders, `{{column}}`. Spaces inside the braces are trimmed; a column's name may hold
 * anything but braces. `\{{` stands for two braces, and braces that enclose no name stay as they are.
 */
export function parseTemplate(source: string): Template {
  const texts: string[] = [];
  const columns: string[] = [];
  let text = '';
  let end = 0;
  for (const match of source.matchAll(placeholder)) {
    text += source.slice(end, match.index);
    end = match.index + match[0].length;
    const column = match[1]?.trim();
    if (column === undefined) {
      text += '{{';
    } else if (column === '') {
      text += match[0];
    } else {
      texts.push(text);
      columns.push(column);
      text = '';
    }
  }
  texts.push(text + source.slice(end));
  return { texts, columns };
}

/**
 * Puts a record's values into a template, each as it stands: nothing is escaped, and placeholders inside a value are not looked at.
 * Values that are no text are written as JSON; null is written as nothing. A column that the record lacks is
 * returned by name.
 */
export function renderTemplate(
  template: Template,
  fields: RecordFields,
): { readonly text: string } | { readonly missing: string } {
  const { texts, columns } = template;
  let text = texts[0] ?? '';
  for (const [index, column] of columns.entries()) {
    const value = Object.hasOwn(fields, column) ? fields[column] : undefined;
    if (value === undefined) return { missing: column };
    text += typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);
    text += texts[index + 1] ?? '';
  }
  return { text };
}
