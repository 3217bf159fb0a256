/**
 * Fails when the package has grown beyond its budget: what it holds is downloaded and unpacked by everyone who uses it. Three eighths are
 * the sources, which the declaration maps lead an editor to; a quarter is the command, in few files beside the library's many.
 */
import { execFileSync } from 'node:child_process';

const MOST_UNPACKED_MB = 12;

const [packed] = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' }),
);
const unpackedMb = packed.unpackedSize / 1e6;
console.log(`${packed.entryCount} files, ${unpackedMb.toFixed(2)} MB unpacked of at most ${MOST_UNPACKED_MB}`);
if (unpackedMb > MOST_UNPACKED_MB) process.exitCode = 1;
