import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { RunMetrics } from '../../src/telemetry/run-metrics.ts';
import { progressOf } from '../cli/terminal/progress.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const namesIn = (text: string): string[] => [
  ...new Set([...text.matchAll(/\bgleaner_[a-z_]+/g)].map(([name]) => name.replace(/_(?:bucket|sum|count)$/, ''))),
];

async function known(): Promise<string[]> {
  const metrics = await RunMetrics.create('receipt');
  metrics.onStart(progressOf({}));
  return [...(await metrics.text()).matchAll(/^# TYPE (\w+)/gm)].map(([, name = '']) => name);
}

test('docs/monitoring.md lists every metric, and no other', async () => {
  const table = [...read('docs/monitoring.md').matchAll(/^\| `(gleaner_\w+)`/gm)].map(([, name = '']) => name);
  expect(table.toSorted()).toEqual((await known()).toSorted());
});

test.each(['examples/alerts.yml', 'examples/grafana.json'])('%s asks for metrics that there are', async (path) => {
  const names = await known();
  for (const name of namesIn(read(path))) expect(names).toContain(name);
});

test('the dashboard is JSON whose panels lie beside one another', () => {
  const { panels } = JSON.parse(read('examples/grafana.json')) as {
    panels: { id: number; gridPos: { x: number; w: number }; targets: unknown[] }[];
  };
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  for (const { gridPos, targets } of panels) {
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    expect(targets.length).toBeGreaterThan(0);
  }
});

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

/** Prometheus' own test of rules, where Prometheus is installed. */
test.skipIf(!hasPromtool)(
  'the alert rules fire for a failed run, a night that did not come, and a service that is down',
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'alerts-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    writeFileSync(join(directory, 'alerts.yml'), read('examples/alerts.yml'));
    const firing = (alertname: string, minutes: number, labels: string): string =>
      `      - { eval_time: ${minutes}m, alertname: ${alertname}, exp_alerts: [${labels === '' ? '' : `{ exp_labels: { extraction: r, ${labels} } }`}] }`;
    const given = (name: string, values: string, labels = ''): string =>
      `      - { series: 'gleaner_${name}{extraction="r"${labels}}', values: '${values}' }`;
    const tests = [
      'rule_files: [alerts.yml]',
      'evaluation_interval: 1m',
      'tests:',
      '  - interval: 1m',
      '    input_series:',
      given('run_exit_code', '0x3 3x10'),
      given('run_started_seconds', '0x2000'),
      '    alert_rule_test:',
      firing('GleanerRunFailed', 2, ''),
      firing('GleanerRunFailed', 5, 'severity: page').replace(
        'exp_labels',
        "exp_annotations: { summary: 'r ended with exit 3', description: '1: rejects or too few records. 2: a person must mend the command, definition or credentials. 3: repeat the command. 4: the cap is used up.' }, exp_labels",
      ),
      firing('GleanerNightMissing', 60, ''),
      firing('GleanerNightMissing', 1600, 'severity: page').replace(
        'exp_labels',
        "exp_annotations: { summary: 'No run of r has begun for more than a day' }, exp_labels",
      ),
      '  - interval: 1m',
      '    input_series:',
      given('run_started_seconds', '0x20'),
      given('calls_in_flight', '1x20'),
      '    alert_rule_test:',
      firing('GleanerServiceDown', 4, ''),
      firing('GleanerServiceDown', 10, 'severity: ticket').replace(
        'exp_labels',
        "exp_annotations: { summary: 'The service has not answered r for five minutes' }, exp_labels",
      ),
      '',
    ];
    writeFileSync(join(directory, 'test.yml'), tests.join('\n'));
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', 'test.yml'], {
      cwd: directory,
      encoding: 'utf8',
    });
    expect([status, status === 0 ? '' : stdout + stderr]).toEqual([0, '']);
  },
);
