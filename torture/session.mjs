import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { environmentCanary, tokenCanary } from './canaries.mjs';

const command = fileURLToPath(new URL('../bin/gleaner.js', import.meta.url));
export const definition = fileURLToPath(new URL('definition.mjs', import.meta.url));

/** Starts the built command, behind another one such as `unshare` where a prefix is given; `ended` tells its exit code or signal and everything it printed. */
export function startSession(args, { cwd, prefix = [] }) {
  const [program, ...rest] = [...prefix, process.execPath, command, ...args];
  const child = spawn(program, rest, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '', HOME: cwd, TORTURE_TOKEN: tokenCanary, UNUSED_SECRET: environmentCanary },
  });
  const printed = [];
  child.stdout.on('data', (chunk) => printed.push(chunk));
  child.stderr.on('data', (chunk) => printed.push(chunk));
  const ended = new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, printed: Buffer.concat(printed).toString() }));
  });
  return { child, ended };
}

/** Arguments of a run against the service. */
export function runArguments(input, out, baseUrl, flags) {
  return ['run', definition, input, '--out', out, '--base-url', baseUrl, '--auth', 'env:TORTURE_TOKEN', ...flags];
}
