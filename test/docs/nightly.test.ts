import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXIT_CODES } from '../../src/cli/exit-code.ts';
import { flagsByCommand } from '../../src/cli/settings/flags/flags-by-command.ts';
import { root } from '../e2e/harness.ts';

const page = readFileSync(join(root, 'docs/nightly.md'), 'utf8');
const blocks = [...page.matchAll(/```(\w+)\n([^]*?)```/g)].map(([, language = '', text = '']) => ({ language, text }));

describe('docs/nightly.md', () => {
  test('uses flags that there are', () => {
    const known = new Set(Object.values(flagsByCommand).flatMap((list) => list.map(({ name }) => name)));
    // Of other programs: crontab, systemctl, timeout.
    const foreign = new Set(['now', 'preserve-status']);
    const used = [...page.matchAll(/(?<=[\s`(])--([a-z][a-z-]+)/g)].map(([, name = '']) => name);
    expect(used.length).toBeGreaterThan(20);
    expect(used.filter((name) => !known.has(name) && !foreign.has(name))).toEqual([]);
  });

  test('tells every exit code', () => {
    for (const code of Object.values(EXIT_CODES))
      expect(page).toMatch(new RegExp(`^\\| ${code}\\b|^\\| 130, ${code}\\b`, 'm'));
  });

  test.each(blocks.filter(({ language }) => language === 'sh').map(({ text }, index) => ({ text, index })))(
    'has shell text that a shell can read ($index)',
    ({ text }) => {
      const { status, stderr } = spawnSync('sh', ['-n'], { input: text.replaceAll('…', 'x'), encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, '']);
    },
  );
});
