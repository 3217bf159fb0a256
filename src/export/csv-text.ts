import type { Cell } from './column-tree.ts';

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

/**
 * What neither a spreadsheet could run nor a CSV has to quote, as most cells are, is found with one look. What is run begins a cell, or
 * follows a separator or a line break, so that days and numbers of documents with their dashes need no second one.
 */
const SPECIAL = /^[=+\-@＝＋－＠\s]|[",;\t\r\n]|\s$/;

/**
 * One line of CSV as in RFC 4180, its line break included. A cell without a value stays empty, an empty text becomes `""`; what is no text
 * is written as JSON. `raw` leaves text as it is that a spreadsheet would run as a formula.
 */
export function csvLine(cells: readonly Cell[], { raw }: { raw: boolean }): string {
  let line = '';
  for (let column = 0; column < cells.length; column += 1) {
    if (column > 0) line += ',';
    const cell = cells[column];
    switch (typeof cell) {
      case 'string':
        line += SPECIAL.test(cell) || cell === '' ? quoted(raw ? cell : withoutFormula(cell)) : cell;
        break;
      case 'number':
      case 'boolean':
        line += String(cell);
        break;
      default:
        if (cell !== undefined && cell !== null) line += quoted(JSON.stringify(cell));
    }
  }
  return `${line}\r\n`;
}

function quoted(text: string): string {
  return text === '' || NEEDS_QUOTES.test(text) ? `"${withDoubledQuotes(text)}"` : text;
}

/** As `replaceAll` would: JSON has a quotation mark every few letters, and this takes two thirds of the time. */
function withDoubledQuotes(text: string): string {
  let doubled = '';
  let start = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', start)) {
    doubled += `${text.slice(start, at)}""`;
    start = at + 1;
  }
  return start === 0 ? text : doubled + text.slice(start);
}
