/**
 * Prints how many changes of published JSON Schemas are decided, and how fast: `npx jiti bench/published-pairs.ts [cache directory]`.
 *
 * The schemas stand in packages of npm; one version of each minor release is fetched, and each file of it is compared with the same file of
 * the version before, both ways. What was fetched is kept in the cache directory, so that a second run needs no network.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { tmpdir } from 'node:os';
import { compareSchemas } from '../src/evolution/engine/compare-schemas.ts';
import { isJsonObject, type JsonValue } from '../src/json/value.ts';

interface Published {
  package: string;
  /** Which of its files are schemas. */
  files: RegExp;
  /** So many minor releases, the newest. */
  releases: number;
}

const PUBLISHED: readonly Published[] = [
  { package: 'vega-lite', files: /^build\/vega-lite-schema\.json$/, releases: 12 },
  { package: 'vega', files: /^build\/vega-schema\.json$/, releases: 7 },
  { package: '@asyncapi/specs', files: /^schemas\/[23]\.\d\.0(-without-\$id)?\.json$/, releases: 3 },
  { package: '@cyclonedx/cyclonedx-library', files: /^res\/schema\/.*\.(schema|SNAPSHOT\.schema)\.json$/, releases: 6 },
  { package: '@biomejs/biome', files: /^configuration_schema\.json$/, releases: 8 },
  { package: 'oxlint', files: /^configuration_schema\.json$/, releases: 8 },
  { package: 'knip', files: /^schema(-jsonc)?\.json$/, releases: 12 },
  { package: 'wrangler', files: /^config-schema\.json$/, releases: 8 },
  { package: 'turbo', files: /^schema\.json$/, releases: 8 },
  { package: 'nx', files: /^schemas\/.*\.json$/, releases: 5 },
  { package: '@angular/cli', files: /^lib\/config\/schema\.json$/, releases: 8 },
  { package: '@schematics/angular', files: /schema\.json$/, releases: 12 },
  { package: '@nx/js', files: /schema\.json$/, releases: 6 },
  { package: '@nx/vite', files: /schema\.json$/, releases: 6 },
  { package: '@tauri-apps/cli', files: /^config\.schema\.json$/, releases: 8 },
  { package: '@cspell/cspell-types', files: /^cspell\.schema\.json$/, releases: 8 },
  { package: 'renovate', files: /^renovate-(global-)?schema\.json$/, releases: 5 },
  { package: 'markdownlint', files: /^schema\/.*\.json$/, releases: 6 },
];
/** Files of one package that are compared with one version before, so that no package outweighs the others. */
const MOST_PAIRS = 12;

const [cache = join(tmpdir(), 'gleaner-published')] = process.argv.slice(2);
const directions = ['backward', 'forward'] as const;

interface Pair {
  name: string;
  older: JsonValue;
  newer: JsonValue;
}

let decidedBoth = 0;
let pairs = 0;
const times: number[] = [];
const undecided: string[] = [];
for (const published of PUBLISHED) {
  const found = pairsOf(published);
  let decided = 0;
  for (const { name, older, newer } of found) {
    const start = process.cpuUsage();
    const comparison = compareSchemas(older, newer);
    const { user, system } = process.cpuUsage(start);
    times.push((user + system) / 1000);
    const open = directions.filter((direction) => comparison[direction].verdict === 'unknown');
    if (open.length === 0) decided += 1;
    for (const direction of open)
      undecided.push(`${name} ${direction}: ${comparison[direction].reasons.slice(0, 2).join('; ').slice(0, 300)}`);
  }
  pairs += found.length;
  decidedBoth += decided;
  print(published.package, found.length === 0 ? 'no pair to be had' : `${decided} of ${found.length}`);
}
print('decided both ways', `${decidedBoth} of ${pairs}`);
print(
  'CPU of a pair, median / 95 of 100 / most',
  [0.5, 0.95, 1].map((part) => `${quantile(part).toFixed(0)} ms`).join(' / '),
);
for (const line of undecided) print('undecided', line);

function pairsOf({ package: name, files, releases }: Published): Pair[] {
  const found: Pair[] = [];
  let before: Map<string, string> | undefined;
  for (const version of versionsOf(name, releases)) {
    const now = schemasOf(name, version, files);
    if (now === undefined) continue;
    const changed = [...now].filter(([file, text]) => before?.has(file) === true && before.get(file) !== text);
    for (const [file, text] of changed.slice(0, MOST_PAIRS)) {
      const [older, newer] = [parse(before?.get(file) ?? ''), parse(text)];
      if (older !== undefined && newer !== undefined) found.push({ name: `${name}@${version}/${file}`, older, newer });
    }
    before = now;
  }
  return found;
}

/** The last version of each of the newest minor releases, oldest first. */
function versionsOf(name: string, releases: number): string[] {
  const list = join(cache, `${name.replace('/', '+')}.versions`);
  mkdirSync(cache, { recursive: true });
  let text = existsSync(list) ? readFileSync(list, 'utf8') : '';
  if (text === '') {
    try {
      text = execFileSync('npm', ['view', name, 'versions', '--json'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    } catch {
      return [];
    }
    execFileSync('tee', [list], { input: text, stdio: ['pipe', 'ignore', 'inherit'] });
  }
  const stable = (JSON.parse(text) as string[]).filter((version) => /^\d+\.\d+\.\d+$/.test(version));
  const byMinor = new Map(stable.map((version) => [version.split('.').slice(0, 2).join('.'), version]));
  return [...byMinor.values()].slice(-releases);
}

/** The schema files of a version by name; undefined where it cannot be had. */
function schemasOf(name: string, version: string, files: RegExp): Map<string, string> | undefined {
  const home = join(cache, `${name.replace('/', '+')}@${version}`);
  if (!existsSync(home)) {
    const fetched = `${home}.fetching`;
    mkdirSync(fetched, { recursive: true });
    try {
      const output = execFileSync('npm', ['pack', `${name}@${version}`, '--silent', '--pack-destination', fetched], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const tarball = join(fetched, output.trim().split('\n').at(-1) ?? '');
      execFileSync('tar', ['xzf', tarball, '-C', fetched, '--wildcards', '*.json']);
    } catch {
      return undefined;
    }
    renameSync(fetched, home);
  }
  const root = join(home, 'package');
  if (!existsSync(root)) return undefined;
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).map((path) => relative('.', path));
  const schemas = paths.filter((path) => files.test(path) && statSync(join(root, path)).isFile()).sort();
  return new Map(schemas.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

function parse(text: string): JsonValue | undefined {
  try {
    const value = JSON.parse(text) as JsonValue;
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function quantile(part: number): number {
  const sorted = [...times].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

function print(name: string, value: string): void {
  process.stdout.write(`${name.padEnd(44)} ${value}\n`);
}
