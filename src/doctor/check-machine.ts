import { accessSync, constants, statfsSync } from 'node:fs';
import { describeSystemError } from '../files/system-error.ts';
import type { CheckResult } from './check-result.ts';

const OLDEST_NODE = [20, 19] as const;
const MB = 1_000_000;
/** A run of 100,000 records with its report takes about as much. */
const COMFORTABLE_MB = 1_000;
const LEAST_MB = 50;

export function checkNode(version: string): CheckResult {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
  if (!isOld) return { name: 'Node.js', status: 'ok', message: version };
  return { name: 'Node.js', status: 'failed', message: version, advice: `install ${OLDEST_NODE.join('.')} or newer` };
}

/** Whether run directories can be written below a directory, and how much fits there. */
export function checkDisk(directory: string): CheckResult {
  const name = 'disk';
  try {
    accessSync(directory, constants.W_OK);
    const { bavail, bsize } = statfsSync(directory);
    const freeMb = Math.floor((bavail * bsize) / MB);
    const message = `${freeMb.toLocaleString('en-US')} MB free below ${directory}`;
    if (freeMb >= COMFORTABLE_MB) return { name, status: 'ok', message };
    return { name, status: freeMb < LEAST_MB ? 'failed' : 'warning', message, advice: 'make room before a large run' };
  } catch (error) {
    const message = `${directory} cannot be written: ${describeSystemError(error)}`;
    return { name, status: 'failed', message, advice: 'work in a directory of your own' };
  }
}
