// Builds the page of `gleaner review` into the package: one script and one style sheet, with Preact inside.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const from = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

await build({
  entryPoints: { review: from('src/review/page/main.tsx') },
  outfile: from('dist/review/assets/review.js'),
  bundle: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  minify: true,
  charset: 'utf8',
  legalComments: 'none',
});
await build({
  entryPoints: [from('src/review/page/review.css')],
  outfile: from('dist/review/assets/review.css'),
  minify: true,
});
