/** What makes a spreadsheet run a cell instead of showing it, full-width forms included; leading space does not hinder it. */
const FORMULA_START = /^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/;
const PLAIN_NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/**
 * A spreadsheet set to another separator splits a cell at it, whatever the quotes say, and what follows becomes a cell. Only what could
 * do harm there is marked, a call or a link to another program, so that lists with dashes stay as they are.
 */
const INNER_FORMULA = /([;\t\r\n]\s*)(?=[=+\-@＝＋－＠][^;\t\r\n]*[(|!])/g;
const NEEDS_QUOTES = /[",;\t\r\n]|^\s|\s$/;

/** Puts an apostrophe before text that a spreadsheet would run as a formula; shown there, it marks the cell as text. */
export function withoutFormula(text: string): string {
  const marked = FORMULA_START.test(text) && !PLAIN_NUMBER.test(text) ? `'${text}` : text;
  return marked.replace(INNER_FORMULA, "$1'");
}

/** One line of CSV as in RFC 4180, its line break included. An undefined cell stays empty, an empty text becomes `""`. */
export function csvLine(cells: readonly (string | undefined)[]): string {
  let line = '';
  for (let column = 0; column < cells.length; column += 1) {
    if (column > 0) line += ',';
    const cell = cells[column];
    if (cell === undefined) continue;
    line += cell === '' || NEEDS_QUOTES.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  }
  return `${line}\r\n`;
}
