import { expect, test } from 'vitest';
import { typedCommand } from '../../src/cli/typed-command.ts';
import { runFlags } from '../../src/cli/settings/flags/run-flags.ts';
import { resolveSettings } from '../../src/cli/settings/settings.ts';

function typed(parsed: Record<string, unknown>, environment: Record<string, string> = {}): string {
  return typedCommand('run', ['receipt', 'my receipts.csv'], resolveSettings(runFlags, parsed, environment).typed);
}

test('a command is typed again as it was, without what holds once', () => {
  expect(typed({ out: 'runs/1', emulator: true, concurrency: 4, acceptChanges: true })).toBe(
    "gleaner run receipt 'my receipts.csv' --out runs/1 --emulator --concurrency 4",
  );
});

test('what variables say is not repeated: they hold for the next command, too', () => {
  expect(typed({ out: 'runs/1' }, { GLEANER_RPM: '60' })).toBe("gleaner run receipt 'my receipts.csv' --out runs/1");
});

test('no secret is in it', () => {
  const text = typed({
    out: 'runs/1',
    notify: 'https://hooks.example.com/T0/secret',
    baseUrl: 'https://user:secret@models.example.com/v1?key=secret',
  });
  expect(text).not.toContain('secret');
  expect(text).toContain("--base-url 'https://...@models.example.com/v1?...'");
});
