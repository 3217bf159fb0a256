import { readFileSync } from 'node:fs';
import { isEmulatorName } from '../../completion/service.ts';
import { findRun, type FoundRun } from '../../export/find-run.ts';
import { isJsonObject } from '../../json/value.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { terminalSummary } from '../../report/terminal-summary.ts';
import { describeRates } from '../../evidence/describe-rates.ts';
import type { EvidenceRates } from '../../evidence/evidence-rates.ts';
import type { UsageReport } from '../../accounting/usage-report.ts';
import { describeSystemError, systemCode } from '../../files/system-error.ts';
import { exitCodes } from '../exit-code.ts';
import { rejectExamples } from '../reject-examples.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { visible, visibleLine } from '../../text/visible.ts';

/** `gleaner report <run-dir>`: what a run did and cost, for people or, with --json, for programs. */
export async function reportCommand(
  [directory = '']: readonly string[],
  settings: Settings,
  terminal: Terminal,
): Promise<number> {
  const run = findRun(directory);
  const text = readUsage(run);
  const usage = parseUsage(text, run);
  if (run.manifest.status === 'running') {
    terminal.stderr.write(
      `A session of the run in ${visibleLine(directory)} is under way or was killed: these figures are of the ones before it\n`,
    );
  }
  if (settings.isOn('json')) {
    terminal.stdout.write(text);
    return exitCodes.ok;
  }
  const summary = terminalSummary(usage, directory, {
    isEmulated: isEmulatorName(run.manifest.identity['service']),
    rejectExamples: usage.records.rejected === 0 ? [] : rejectExamples(directory),
    width: terminal.stdout.columns,
  });
  const evidence = evidenceOf(run);
  const rates = evidence === undefined ? '' : `\n${describeRates(evidence)}\n`;
  terminal.stdout.write(`${visible(summary)}\n${rates}`);
  return exitCodes.ok;
}

/** The rates in profile.json, where evidence was looked for. */
function evidenceOf(run: FoundRun): EvidenceRates | undefined {
  try {
    const profile: unknown = JSON.parse(readFileSync(run.file('profile'), 'utf8'));
    const evidence = isJsonObject(profile) ? profile['evidence'] : undefined;
    return isJsonObject(evidence) && isJsonObject(evidence['fields'])
      ? (evidence as unknown as EvidenceRates)
      : undefined;
  } catch {
    return undefined;
  }
}

function readUsage(run: FoundRun): string {
  try {
    return readFileSync(run.file('usage'), 'utf8');
  } catch (error) {
    const reason =
      systemCode(error) === 'ENOENT'
        ? 'it is written when a session ends, and none has; repeat the run command'
        : describeSystemError(error);
    throw new GleanerError('run-unreadable', `Cannot read ${run.file('usage')}: ${reason}`, { cause: error });
  }
}

function parseUsage(text: string, run: FoundRun): UsageReport {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parts = ['records', 'calls', 'tokens', 'cost', 'latencyMs'];
  if (isJsonObject(value) && parts.every((part) => isJsonObject(value[part]))) return value as unknown as UsageReport;
  throw new GleanerError(
    'run-unreadable',
    `Cannot read ${run.file('usage')}: it is no usage report; repeat the run command to mend it`,
  );
}
