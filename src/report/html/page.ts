import { markup, nothing, type Markup } from './markup.ts';
import { style } from './style.ts';

/**
 * Nothing is fetched and nothing runs, whatever the records and answers on the page say. What `default-src` does not
 * cover is named.
 */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

export interface Page {
  title: string;
  /** Further elements of the head. */
  head?: Markup;
  /** What stands in the page's column. */
  main: Markup;
  footer?: Markup;
}

/** One page for people, without scripts and without anything outside of itself. */
export function htmlPage({ title, head = nothing, main, footer = nothing }: Page): string {
  return markup`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${POLICY}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <meta name="referrer" content="no-referrer">
  <meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
  <title>${title}</title>
  ${head}
  <style>${style}</style>
</head>
<body>
  <main>
  ${main}
  </main>
  ${footer}
</body>
</html>
`.text;
}
