import { hash } from 'node:crypto';
import type { PageAssets } from './page-assets.ts';

/** The page of the server, which fetches what it shows. */
export function servedPage(token: string): string {
  const query = `?token=${encodeURIComponent(token)}`;
  return page({
    head: `<link rel="stylesheet" href="assets/review.css${query}">`,
    body: `<script type="module" src="assets/review.js${query}"></script>`,
  });
}

export const SERVED_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src data:; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** For a document in a frame of the page. The viewer of PDFs in browsers is a page of its own, which a stricter one would stop. */
export const DOCUMENT_POLICY = "frame-ancestors 'self'; base-uri 'none'; form-action 'none'";

/** One file that holds a sample, for mail: it asks for nothing, and nothing can be labelled in it. */
export function standalonePage(assets: PageAssets, sample: object): string {
  // The bundle is ours and has no such tag; as data the text of records must not end the element.
  const data = JSON.stringify(sample).replaceAll('<', String.raw`\u003c`);
  const script = assets.script.replaceAll('</script', String.raw`<\/script`);
  const policy = `default-src 'none'; script-src '${digestOf(script)}'; style-src '${digestOf(assets.style)}'; img-src data:; base-uri 'none'; form-action 'none'`;
  return page({
    head: `<meta http-equiv="Content-Security-Policy" content="${policy}"><style>${assets.style}</style>`,
    body: `<script type="application/json" id="sample">${data}</script><script type="module">${script}</script>`,
  });
}

function digestOf(text: string): string {
  return `sha256-${hash('sha256', text, 'base64')}`;
}

function page({ head, body }: { head: string; body: string }): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>Review</title>
<link rel="icon" href="data:,">
${head}
</head>
<body>
<div id="app"></div>
<noscript>This page needs JavaScript.</noscript>
${body}
</body>
</html>
`;
}
