import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Libsql from 'libsql';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openAnswerCache, surveyAnswerCache, type AnswerCache } from '../../src/store/answer-cache.ts';

const at = '2026-01-02T03:04:05.000Z';
const built = pathToFileURL(join(import.meta.dirname, '../../dist/store/answer-cache.js')).href;

function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'gleaner-cache-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function fingerprint(number: number): string {
  return number.toString(16).padStart(32, '0');
}

function answer(number: number) {
  return { data: { name: `Person ${number}`, note: 'x'.repeat(100) }, model: 'google/gemini', at };
}

/** A closed cache with so many answers. */
async function filled(path: string, count = 2000): Promise<string> {
  const { cache } = await openAnswerCache(path);
  for (let number = 0; number < count; number += 1) cache.put(fingerprint(number), answer(number));
  cache.close();
  return path;
}

async function open(path: string): Promise<{ cache: AnswerCache; isUsable: boolean; notice?: string }> {
  const opened = await openAnswerCache(path);
  onTestFinished(() => opened.cache.close());
  return opened;
}

function countKnown(cache: AnswerCache, count = 2000): number {
  let known = 0;
  for (let number = 0; number < count; number += 1) {
    const found = cache.get(fingerprint(number));
    if (found === undefined) continue;
    expect(found).toEqual(answer(number));
    known += 1;
  }
  return known;
}

function setAsideFiles(path: string): string[] {
  const directory = join(path, '..');
  if (!statSync(directory).isDirectory()) return [];
  return readdirSync(directory).filter(
    (name) => name.startsWith(`${basename(path)}.corrupt-`) && !name.endsWith('-wal'),
  );
}

/** Another program's view of the file. */
function database(path: string) {
  const opened = new Libsql(path);
  onTestFinished(() => void opened.close());
  return opened;
}

function start(script: string, options: { uid?: number } = {}): { child: ChildProcess; output: Promise<string> } {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { child, output: new Promise((resolve) => child.once('close', () => resolve(text))) };
}

describe('an answer cache', () => {
  test('gives back what it was given, at once and when it is opened again', async () => {
    const path = join(temporaryDirectory(), 'deep/answers.db');
    const { cache, isUsable, notice } = await open(path);
    const hostile = JSON.parse('{"__proto__":{"a":1},"nul":"\\u0000","quote":"\'; DROP TABLE answers; --","n":null}');
    cache.put('a', { data: hostile, at });
    cache.put('b', { data: [1, 'zwei', false], model: 'm', at });
    expect([isUsable, notice]).toEqual([true, undefined]);
    expect(cache.get('a')).toEqual({ data: hostile, at });
    cache.close();

    const again = await open(path);
    expect(again.notice).toBeUndefined();
    expect(JSON.stringify(again.cache.get('a'))).toBe(JSON.stringify({ data: hostile, at }));
    expect(again.cache.get('b')).toEqual({ data: [1, 'zwei', false], model: 'm', at });
    expect(again.cache.get('c')).toBeUndefined();
    expect(again.cache.size).toBe(2);
  });

  test('keeps an answer as it was when it was put', async () => {
    const { cache } = await open(join(temporaryDirectory(), 'answers.db'));
    const data = { when: new Date(0), list: [1] } as never;
    cache.put('a', { data, at });
    (data as { list: number[] }).list.push(2);
    const kept = { data: { when: '1970-01-01T00:00:00.000Z', list: [1] }, at };
    expect(cache.get('a')).toEqual(kept);
    cache.flush();
    expect(cache.get('a')).toEqual(kept);
  });

  test('keeps what the model answered beside what a schema made of it', async () => {
    const path = join(temporaryDirectory(), 'answers.db');
    const { cache } = await open(path);
    const answers = {
      same: { data: { a: 1 }, answer: { a: 1 }, at },
      other: { data: { a: 100 }, answer: { a: 1 }, model: 'm', at },
      unknown: { data: { a: 1 }, at },
    };
    for (const [name, value] of Object.entries(answers)) cache.put(name, value);
    for (const [name, value] of Object.entries(answers)) expect(cache.get(name)).toEqual(value);
    cache.close();
    const again = await open(path);
    for (const [name, value] of Object.entries(answers)) expect(again.cache.get(name)).toEqual(value);
    expect(await surveyAnswerCache(path)).toMatchObject({ answers: 3, unusable: 0 });
  });

  test('takes up a file of the version that did not keep what the model answered', async () => {
    const path = await filled(join(temporaryDirectory(), 'answers.db'), 3);
    database(path).exec('ALTER TABLE answers DROP COLUMN answer; PRAGMA user_version = 1');
    const { cache, notice } = await open(path);
    expect(notice).toBeUndefined();
    expect(countKnown(cache, 3)).toBe(3);
    cache.put('new', { data: 2, answer: 1, at });
    cache.flush();
    expect(cache.get('new')).toEqual({ data: 2, answer: 1, at });
    expect((await open(path)).cache.size).toBe(4);
  });

  test('lets a later answer replace an earlier one', async () => {
    const { cache } = await open(join(temporaryDirectory(), 'answers.db'));
    cache.put('a', { data: 1, at });
    cache.flush();
    cache.put('a', { data: 2, at });
    expect(cache.get('a')?.data).toBe(2);
    expect(cache.size).toBe(1);
    expect(cache.get('a')?.data).toBe(2);
  });

  test('writes what was put within a second, without being told', async () => {
    const path = join(temporaryDirectory(), 'answers.db');
    const { cache } = await open(path);
    const other = await open(path);
    cache.put('a', { data: 1, at });
    expect(other.cache.get('a')).toBeUndefined();
    await expect.poll(() => other.cache.get('a')?.data, { timeout: 10_000 }).toBe(1);
  });

  test('has no answers and takes none once it is closed', async () => {
    const path = await filled(join(temporaryDirectory(), 'answers.db'), 5);
    const { cache } = await open(path);
    cache.close();
    cache.put(fingerprint(9), answer(9));
    cache.close();
    expect([cache.get(fingerprint(1)), cache.size, cache.failure]).toEqual([undefined, 0, undefined]);
    const again = await open(path);
    expect(again.cache.size).toBe(5);
  });

  test('does not take a path for the address of a server', async () => {
    const before = process.cwd();
    process.chdir(temporaryDirectory());
    try {
      const { cache, isUsable } = await openAnswerCache('http://127.0.0.1:1/answers.db');
      cache.put('a', { data: 1, at });
      cache.close();
      expect(isUsable).toBe(true);
      expect(existsSync('http:/127.0.0.1:1/answers.db')).toBe(true);
    } finally {
      process.chdir(before);
    }
  });
});

describe('a damaged cache of ours is set aside and a new one begun', () => {
  const damages: [string, (path: string) => void][] = [
    ['cut in half', (path) => truncateSync(path, statSync(path).size >> 1)],
    ['cut after the first page', (path) => truncateSync(path, 4096)],
    ['its schema overwritten', (path) => overwrite(path, 100, 3900)],
    ['the root of its table overwritten', (path) => overwrite(path, 4096, 8192)],
  ];
  test.each(damages)('%s', async (_name, damage) => {
    const path = await filled(join(temporaryDirectory(), 'answers.db'));
    damage(path);
    const { cache, isUsable, notice } = await open(path);
    expect(isUsable).toBe(true);
    // What is cut off may show at work only; until then whole rows are given out, and nothing else.
    expect(countKnown(cache)).toBeLessThan(2000);
    expect(countKnown(cache)).toBe(0);
    expect(`${notice} ${cache.failure}`).toContain('set aside as');
    expect(setAsideFiles(path)).toHaveLength(1);
    cache.close();

    // Whether the damage showed at once or at work: the next run has a cache again.
    const next = await open(path);
    expect([next.isUsable, next.notice]).toEqual([true, undefined]);
    next.cache.put('new', { data: 1, at });
    next.cache.close();
    expect((await open(path)).cache.get('new')?.data).toBe(1);
  });

  test('pages overwritten in the middle, found while at work: gives no wrong answer, and the run goes on without', async () => {
    const path = await filled(join(temporaryDirectory(), 'answers.db'), 20_000);
    overwrite(path, Math.floor(statSync(path).size / 2), 400_000);
    const { cache, notice } = await open(path);
    expect(notice).toBeUndefined();
    const known = countKnown(cache, 20_000);
    expect(known).toBeLessThan(20_000);
    expect(cache.failure).toMatch(/no longer used: it is damaged; it was set aside as .*corrupt-/);
    expect(setAsideFiles(path)).not.toHaveLength(0);
    cache.put('new', { data: 1, at });
    cache.close();
    expect((await open(path)).cache.size).toBe(0);
  });

  test('a row that was changed is a miss, and is mended by the next answer', async () => {
    const path = await filled(join(temporaryDirectory(), 'answers.db'), 10);
    const other = database(path);
    other.exec(`UPDATE answers SET data = '{"name":"Mallory"}' WHERE fingerprint = '${fingerprint(1)}'`);
    other.exec(`UPDATE answers SET data = '{"name":' WHERE fingerprint = '${fingerprint(2)}'`);
    other.exec(`UPDATE answers SET checksum = NULLIF('x', '') WHERE fingerprint = '${fingerprint(3)}'`);
    other.exec(`UPDATE answers SET fingerprint = 'moved' WHERE fingerprint = '${fingerprint(4)}'`);
    other.exec(`UPDATE answers SET data = zeroblob(10) WHERE fingerprint = '${fingerprint(5)}'`);
    const { cache, notice } = await open(path);
    expect(notice).toBeUndefined();
    expect(countKnown(cache, 10)).toBe(5);
    expect(cache.get('moved')).toBeUndefined();
    expect(await surveyAnswerCache(path)).toMatchObject({ answers: 10, unusable: 5, oldest: at });
    cache.put(fingerprint(1), answer(1));
    cache.flush();
    expect(countKnown(cache, 10)).toBe(6);
    expect(cache.failure).toBeUndefined();
  });

  test('a bad write-ahead log does no harm', async () => {
    const path = await filled(join(temporaryDirectory(), 'answers.db'));
    writeFileSync(`${path}-wal`, Buffer.alloc(100_000, 7));
    const { cache } = await open(path);
    expect(countKnown(cache)).toBe(2000);
  });

  test('an empty file is begun', async () => {
    const path = join(temporaryDirectory(), 'answers.db');
    writeFileSync(path, '');
    const { cache, notice } = await open(path);
    cache.put('a', { data: 1, at });
    expect([cache.size, notice]).toEqual([1, undefined]);
  });
});

describe('what cannot serve as a cache is left alone and acts as an empty one', () => {
  async function expectUnused(path: string, reason: string | RegExp): Promise<void> {
    const { cache, isUsable, notice } = await open(path);
    expect(isUsable).toBe(false);
    expect(notice).toMatch(reason);
    cache.put('a', { data: 1, at });
    cache.flush();
    expect([cache.get('a'), cache.size, cache.failure]).toEqual([undefined, 0, undefined]);
    expect(setAsideFiles(path)).toEqual([]);
  }

  test('a directory', async () => {
    const path = join(temporaryDirectory(), 'answers');
    mkdirSync(path);
    await expectUnused(path, 'it is a directory');
  });

  test('a device', () => expectUnused('/dev/null', 'no regular file'));

  test('a file below a file', async () => {
    const path = join(temporaryDirectory(), 'file');
    writeFileSync(path, '');
    // Newer versions of Node name the file that is in the way.
    await expectUnused(join(path, 'answers.db'), /ENOTDIR|EEXIST/);
  });

  test('the database of another program', async () => {
    const path = join(temporaryDirectory(), 'customers.db');
    database(path).exec("CREATE TABLE customers (name TEXT); INSERT INTO customers VALUES ('Ann')");
    await expectUnused(path, 'the database of another program and is left alone');
    expect(database(path).prepare('SELECT name FROM customers').get()).toMatchObject({ name: 'Ann' });
  });

  test.each(['receipts.csv', 'table.parquet', 'key.pem', 'notes', 'answers.db'])(
    'a file given by mistake: %s',
    async (name) => {
      const path = join(temporaryDirectory(), name);
      for (const content of ['id,text\n1,Coffee\n'.repeat(500), 'x', '\0'.repeat(20_000), 'SQLite format 3']) {
        writeFileSync(path, content);
        await expectUnused(path, 'no answer cache and is left alone');
        expect(readFileSync(path, 'utf8')).toBe(content);
        expect(readdirSync(join(path, '..'))).toEqual([name]);
      }
    },
  );

  test('a damaged database that is not surely ours', async () => {
    const path = join(temporaryDirectory(), 'customers.db');
    database(path).exec("CREATE TABLE customers (name TEXT); INSERT INTO customers VALUES ('Ann')");
    overwrite(path, 100, 8000);
    const before = readFileSync(path);
    await expectUnused(path, 'it is damaged');
    expect(readFileSync(path)).toEqual(before);
  });

  const misfits: [string, string, string][] = [
    ['a cache of a newer version', 'PRAGMA user_version = 99', 'a newer version of gleaner made it (format 99'],
    ['one with another table', 'ALTER TABLE answers ADD COLUMN more TEXT', 'its table is not as gleaner made it'],
    ['one without its table', 'DROP TABLE answers', 'its table is not as gleaner made it'],
  ];
  test.each(misfits)('%s', async (_name, change, reason) => {
    const path = await filled(join(temporaryDirectory(), 'answers.db'), 3);
    database(path).exec(change);
    await expectUnused(path, reason);
  });

  test('a file without permission to write, and one without permission to read', async (context) => {
    const somebodyElse = process.getuid?.() === 0 ? { uid: 65_534 } : {};
    const looks = `(await import('node:fs')).accessSync(new URL(${JSON.stringify(built)}))`;
    const probe = spawnSync(process.execPath, ['--input-type=module', '-e', looks], somebodyElse);
    context.skip(probe.status !== 0, 'another user can read neither Node nor the build here');
    const directory = temporaryDirectory();
    const path = await filled(join(directory, 'answers.db'), 5);
    chmodSync(directory, 0o755);
    for (const mode of [0o444, 0o000]) {
      chmodSync(path, mode);
      // Permissions do not bind the superuser, so the question is asked as somebody else.
      const { output } = start(
        `import { openAnswerCache } from ${JSON.stringify(built)};
         const { cache, isUsable, notice } = await openAnswerCache(${JSON.stringify(path)});
         cache.put('a', { data: 1, at: '' }); cache.close();
         console.log(JSON.stringify({ isUsable, notice }));`,
        somebodyElse,
      );
      expect(JSON.parse(await output)).toEqual({
        isUsable: false,
        notice: `The answer cache ${path} is not used: permission denied (EACCES)`,
      });
    }
    chmodSync(path, 0o644);
    expect((await surveyAnswerCache(path)).answers).toBe(5);
  });
});

describe('several processes', () => {
  const writer = (path: string, from: number, count: number): string => `
    import { openAnswerCache } from ${JSON.stringify(built)};
    const { cache, notice } = await openAnswerCache(${JSON.stringify(path)});
    for (let number = ${from}; number < ${from + count}; number += 1) {
      cache.put(number.toString(16).padStart(32, '0'), {
        data: { name: 'Person ' + number, note: 'x'.repeat(100) }, model: 'google/gemini', at: ${JSON.stringify(at)},
      });
      if (number % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    cache.close();
    console.log(JSON.stringify({ notice, failure: cache.failure }));`;

  test('begin and fill one file at once, and all answers are there', async () => {
    const path = join(temporaryDirectory(), 'answers.db');
    const writers = [0, 1, 2].map((ordinal) => start(writer(path, ordinal * 4000, 5000)));
    for (const { output } of writers) expect(await output).toBe('{}\n');
    const { cache } = await open(path);
    expect(cache.size).toBe(13_000);
    expect(countKnown(cache, 13_000)).toBe(13_000);
  });

  test('open one damaged file at once: it is set aside once, and no answer is lost', async () => {
    const path = await filled(join(temporaryDirectory(), 'answers.db'), 10);
    overwrite(path, 100, 3900);
    const writers = [0, 1, 2, 3].map((ordinal) => start(writer(path, ordinal * 500, 500)));
    for (const { output } of writers) expect(await output).not.toMatch(/failure|is not used/);
    const { cache } = await open(path);
    expect(countKnown(cache)).toBe(2000);
    expect(setAsideFiles(path)).toHaveLength(1);
  });

  test('kill -9 while writing leaves a usable file with whole answers', async () => {
    const path = join(temporaryDirectory(), 'answers.db');
    let known = 0;
    for (let kill = 0; kill < 5; kill += 1) {
      const { child, output } = start(writer(path, kill * 1000, 1_000_000));
      const goal = (existsSync(path) ? statSync(path).size : 0) + 200_000;
      await expect
        .poll(() => sizeOf(path) + sizeOf(`${path}-wal`), { timeout: 10_000, interval: 5 })
        .toBeGreaterThan(goal);
      child.kill('SIGKILL');
      await output;
      const { cache, notice } = await open(path);
      expect(notice).toBeUndefined();
      const now = cache.size;
      expect(now).toBeGreaterThanOrEqual(known);
      expect(countKnown(cache, kill * 1000 + 1000)).toBeGreaterThan(0);
      cache.close();
      known = now;
    }
    expect(known).toBeGreaterThan(1000);
    expect(await surveyAnswerCache(path)).toMatchObject({ answers: known, unusable: 0 });
    expect(setAsideFiles(path)).toEqual([]);
  });

  test('a file another process keeps locked: reads go on, answers wait, and nothing throws', async () => {
    const path = await filled(join(temporaryDirectory(), 'answers.db'), 10);
    const { cache } = await open(path);
    const other = database(path);
    other.exec('BEGIN IMMEDIATE');
    cache.put('a', { data: 1, at });
    cache.flush();
    expect(cache.get('a')?.data).toBe(1);
    expect(countKnown(cache, 10)).toBe(10);
    other.exec('COMMIT');
    cache.close();
    expect(cache.failure).toBeUndefined();
    const again = await open(path);
    expect(again.cache.get('a')?.data).toBe(1);
  });
});

function overwrite(path: string, start: number, length: number): void {
  const bytes = readFileSync(path);
  for (let offset = start; offset < Math.min(start + length, bytes.length); offset += 1) {
    bytes[offset] = (offset * 31) & 0xff;
  }
  writeFileSync(path, bytes);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
