import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { compareSchemas } from '../../src/evolution/engine/compare-schemas.ts';
import { Repository } from './repository.ts';

const text = readFileSync(new URL('../../docs/schema-evolution.md', import.meta.url), 'utf8');

/** The parts of the page that tests follow, in order: files to write and commands to run. */
function steps(): { kind: 'file' | 'run'; name: string; body: string }[] {
  return [...text.matchAll(/<!-- (file|run)(?:: (\S+))? -->\n\n```\w+\n([^]*?)```/g)].map(
    ([, kind = '', name = '', body = '']) => ({ kind: kind === 'file' ? 'file' : 'run', name, body }),
  );
}

/** Dates and commits are others each time, and any witness is as good as another. */
function settle(output: string): string {
  return output
    .replaceAll(/\d{4}-\d\d-\d\d/g, 'DATE')
    .replaceAll(/\b[0-9a-f]{12}\b/g, 'HASH')
    .replaceAll(/\{"number".*?\}/g, 'WITNESS');
}

async function run(
  repository: Repository,
  command: string,
  lastCode: number | null,
): Promise<{ output: string; code: number | null }> {
  if (command === 'echo $?') return { output: `${lastCode}\n`, code: 0 };
  if (command.startsWith('npx gleaner ')) {
    const args = [...command.slice('npx gleaner '.length).matchAll(/"([^"]*)"|(\S+)/g)].map(
      ([, quoted, word]) => quoted ?? word ?? '',
    );
    const { code, stdout, stderr } = await repository.gleaner(...args);
    return { output: stdout + stderr, code };
  }
  const identity = {
    GIT_AUTHOR_NAME: 'T',
    GIT_AUTHOR_EMAIL: 't@example.com',
    GIT_COMMITTER_NAME: 'T',
    GIT_COMMITTER_EMAIL: 't@example.com',
  };
  const { status, stdout, stderr } = spawnSync(command, {
    cwd: repository.path,
    shell: true,
    encoding: 'utf8',
    env: { ...process.env, ...identity },
  });
  return { output: stdout + stderr, code: status };
}

describe('docs/schema-evolution.md', () => {
  test('its story prints what it says', async () => {
    const repository = new Repository();
    repository.git('init', '-q', '-b', 'main');
    let code: number | null = 0;
    for (const { kind, name, body } of steps()) {
      if (kind === 'file') {
        repository.write(name, body);
        continue;
      }
      let shown = '';
      for (const [, command = ''] of body.matchAll(/^\$ (.*)$/gm)) {
        const result = await run(repository, command, code);
        code = result.code;
        shown += `$ ${command}\n${result.output}`;
      }
      expect(settle(shown)).toBe(settle(body));
    }
    expect(steps().length).toBeGreaterThan(6);
  });

  const rows = [...text.matchAll(/^\| `(z\.object.*?)`\s*\| `(z\.object.*?)`\s*\| (\w+)\s*\| (\w+)\s*\|$/gm)].map(
    ([, older = '', newer = '', backward = '', forward = '']) => ({ older, newer, backward, forward }),
  );

  test.each(rows)('$older, then $newer', async ({ older, newer, backward, forward }) => {
    const [before, after] = await Promise.all(
      [older, newer].map(async (code) => {
        // oxlint-disable-next-line no-new-func -- the page's own expressions
        const schema = new Function('z', `return ${code.replaceAll('\\|', '|')}`)(z) as z.ZodType;
        // A schema without fields cannot be sent to a model, but it can be compared.
        return z.toJSONSchema(schema, { io: 'output' }) as Parameters<typeof compareSchemas>[0];
      }),
    );
    const { backward: back, forward: forth } = compareSchemas(before ?? {}, after ?? {});
    expect([back.verdict, forth.verdict]).toEqual([backward, forward]);
  });

  test('has a table of edits', () => {
    expect(rows.length).toBeGreaterThan(8);
  });
});
