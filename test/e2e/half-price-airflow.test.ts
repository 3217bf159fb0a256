import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emulatorFor, noteDefinition, root, temporaryDirectory, writeFile } from './harness.ts';

const page = readFileSync(join(root, 'docs/half-price.md'), 'utf8');
const dag = /```python\n([^`]*)```/.exec(page)?.[1] ?? '';

/** As much of Airflow as the page uses: a task runs when it is made, and its exit code says what became of it. */
const AIRFLOW = `
import contextlib, subprocess, sys
DONE, RESCHEDULED = 0, 99
def run(command):
    return subprocess.run(['bash', '-c', command], cwd='/').returncode
class DAG(contextlib.AbstractContextManager):
    def __init__(self, dag_id, schedule, start_date, catchup): pass
    def __exit__(self, *error): pass
class BashSensor:
    def __init__(self, task_id, bash_command, retry_exit_code, mode, poke_interval, timeout):
        assert mode == 'reschedule' and poke_interval < timeout
        code = run(bash_command)
        if code == retry_exit_code: sys.exit(RESCHEDULED)
        if code != 0: sys.exit(code)
    def __rshift__(self, other): return other
class BashOperator:
    def __init__(self, task_id, bash_command):
        code = run(bash_command)
        if code != 0: sys.exit(code)
`;

/** What the scheduler of Airflow itself does with the page's sensor and with what stands behind it, without its database. */
const SCHEDULER = `
import subprocess, sys
from airflow.exceptions import AirflowFailException
assert extracted.reschedule and extracted.poke_interval < extracted.timeout
try:
    if not extracted.poke({}): sys.exit(99)
except AirflowFailException:
    sys.exit(2)
[export] = extracted.downstream_list
sys.exit(subprocess.run(['bash', '-c', export.bash_command], cwd='/').returncode)
`;

const succeeds = (script: string): boolean => spawnSync('python3', ['-c', script]).status === 0;
const ways = [
  { name: 'a double of Airflow', isReal: false, isThere: succeeds('') },
  // Where it is installed for python3.
  { name: 'Airflow', isReal: true, isThere: succeeds('import importlib.util as u; assert u.find_spec("airflow")') },
];

test.for(ways)(
  'the DAG of the page is put off while jobs are open, exports once they are done, and fails for anything else, by $name',
  { timeout: 120_000 },
  async ({ isReal, isThere }, { skip }) => {
    skip(!isThere);
    const directory = temporaryDirectory();
    const { emulator, flags, env } = await emulatorFor({ batch: { queueMs: 3_600_000 } });
    const home = join(directory, 'home');
    mkdirSync(join(home, 'schemas'), { recursive: true });
    copyFileSync(writeFile(directory, 'receipt.ts', noteDefinition), join(home, 'schemas', 'receipt.ts'));
    writeFile(home, 'receipts.csv', 'id,text\na,one\nb,two\n');
    if (!isReal) layDouble(directory);
    // The command of the page, sent to the emulator where it runs something.
    const command = `#!/bin/sh
case $1 in run) set -- "$@" ${flags.map((flag) => `'${flag}'`).join(' ')} ;; esac
exec '${process.execPath}' '${join(root, 'bin/gleaner.js')}' "$@"
`;
    chmodSync(writeFile(directory, 'gleaner', command), 0o755);
    const text = dag.replaceAll('/srv/night', home).replaceAll('{{ ds }}', '2026-03-01');
    const file = writeFile(directory, 'receipts_dag.py', isReal ? `${text}${SCHEDULER}` : text);
    const poke = (): Promise<number | null> => {
      const PATH = `${directory}:${process.env['PATH'] ?? ''}`;
      const child = spawn('python3', [file], {
        cwd: home,
        env: { ...env, PATH, HOME: directory, AIRFLOW_HOME: directory, PYTHONPATH: directory },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      return new Promise((resolve) => child.once('close', resolve));
    };
    expect(dag).toContain('--online-after 04:00');
    expect(await poke()).toBe(99);
    expect(await poke()).toBe(99);
    expect(existsSync(join(home, 'out/2026-03-01.csv'))).toBe(false);
    emulator.advance(2 * 3_600_000);
    expect(await poke()).toBe(0);
    expect(readFileSync(join(home, 'out/2026-03-01.csv'), 'utf8').trim().split('\n')).toHaveLength(3);
    expect(emulator.stats().batch.jobs).toBe(1);
    // What has to be mended is no reason to come again.
    rmSync(join(home, 'schemas', 'receipt.ts'));
    expect(await poke()).toBe(2);
  },
);

function layDouble(directory: string): void {
  mkdirSync(join(directory, 'airflow', 'sensors'), { recursive: true });
  mkdirSync(join(directory, 'airflow', 'operators'), { recursive: true });
  for (const name of ['__init__.py', 'sensors/bash.py', 'operators/bash.py']) {
    writeFile(join(directory, 'airflow'), name, name === '__init__.py' ? AIRFLOW : 'from airflow import *\n');
  }
}
