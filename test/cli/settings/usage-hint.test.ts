import { expect, test } from 'vitest';
import { usageHint } from '../../../src/cli/settings/usage-hint.ts';

test.each([
  ['flat data.csv --out runs/a', 'gleaner run flat data.csv'],
  ['schemas/flat.ts data.jsonl.gz', 'gleaner run schemas/flat.ts data.jsonl.gz'],
  ['data.csv flat', 'gleaner run flat data.csv'],
  ['data.csv', 'gleaner run <definition> data.csv'],
  ['flat.ts --emulator', 'gleaner run flat.ts <input>'],
  ['schema flat', 'gleaner schema show flat'],
  ['schema show', undefined],
  ['schema --provider', undefined],
  ['run data.csv', undefined],
  ['run flat data.csv --out runs/a --dry-run', 'gleaner preview flat data.csv, or gleaner estimate with the same'],
  [
    'run flat data.csv --out runs/a --sample 5',
    '--limit for the first records, or gleaner estimate flat data.csv --sample for some at random',
  ],
  ['run flat data.csv --samples 5', undefined],
  ['version', 'gleaner --version'],
  ['nonsense', undefined],
  ['', undefined],
])('gleaner %s', (line, hint) => expect(usageHint(line.split(' ').filter(Boolean))).toBe(hint));
