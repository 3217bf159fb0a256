/** How long the command takes to check many definitions against a commit, as a pull request does. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const GLEANER = fileURLToPath(new URL('../bin/gleaner.js', import.meta.url));
const MODULES = fileURLToPath(new URL('../node_modules', import.meta.url));

/** The milliseconds of each round over `count` locked and committed definitions, plain ones or such as name types. */
export function checkManyDefinitions(count: number, rounds: number, kind: 'plain' | 'typed' = 'plain'): number[] {
  const cwd = mkdtempSync(join(tmpdir(), 'gleaner-bench-'));
  const run = (program: string, ...args: string[]): void => void execFileSync(program, args, { cwd, stdio: 'ignore' });
  try {
    mkdirSync(join(cwd, 'schemas'));
    symlinkSync(MODULES, join(cwd, 'node_modules'));
    writeFileSync(join(cwd, '.gitignore'), 'node_modules\n');
    for (let index = 0; index < count; index += 1)
      writeFileSync(join(cwd, `schemas/d${index}.ts`), definition(index, kind));
    run('git', 'init', '-q', '-b', 'main');
    run(process.execPath, GLEANER, 'schema', 'lock');
    run('git', 'add', '.');
    run('git', '-c', 'user.name=bench', '-c', 'user.email=bench@example.org', 'commit', '-q', '-m', 'Lock');
    return Array.from({ length: rounds }, () => {
      const start = performance.now();
      run(process.execPath, GLEANER, 'schema', 'check', '--against', 'git:main');
      return performance.now() - start;
    });
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

function definition(index: number, kind: 'plain' | 'typed'): string {
  return `import { defineExtraction } from 'gleaner';
import { z } from 'zod';
${kind === 'plain' ? '' : '\ninterface Row {\n  text: string;\n}\n'}
export default defineExtraction({
  name: 'd${index}',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({
    number: z.string().min(1).describe('The number of document ${index}'),
    total: z.number().nullable(),
    date: z.iso.date().optional(),
    currency: z.enum(['EUR', 'USD', 'CHF', 'X${index}']),
    items: z.array(z.object({ name: z.string(), amount: z.number().int().min(0) })).max(20),
  }),
  instructions: 'Extract the document.',
  prompt: ${kind === 'plain' ? "'{{text}}'" : '(row) => (row as unknown as Row).text'},
});
`;
}
