// Puts the modules of the command into few files: a start of it would otherwise open four hundred. What a command loads late stays apart,
// packages stay where they are installed, and the library keeps a file for each module.
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const from = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const outdir = from('dist/command');

rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints: { main: from('src/cli/main.ts') },
  // One folder below dist/, as every room is: what a module finds beside itself, it finds from here.
  outdir,
  chunkNames: '[name]-[hash]',
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // For stack traces while one works on gleaner. The package goes without: names stay, and comments say which module a line is of.
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  // A tenth of a megabyte less to download; lines and names stay.
  minifySyntax: true,
});
