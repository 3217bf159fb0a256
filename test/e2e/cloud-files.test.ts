import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { emulatorFor, gleaner, noteDefinition, readRun, root, temporaryDirectory, writeFile } from './harness.ts';

/** Puts files into a bucket and takes them out, by the REST API. */
function bucketOf(origin: string) {
  const headers = { authorization: 'Bearer any-token' };
  return {
    put: (name: string, body: string | Buffer) =>
      fetch(`${origin}/upload/storage/v1/b/bucket/o?uploadType=media&name=${encodeURIComponent(name)}`, {
        method: 'POST',
        headers,
        body: new Uint8Array(Buffer.from(body)),
      }),
    get: async (name: string) => {
      const answer = await fetch(`${origin}/storage/v1/b/bucket/o/${encodeURIComponent(name)}?alt=media`, { headers });
      return answer.text();
    },
  };
}

test('runs over files in Cloud Storage, goes on with them, and exports to there', async () => {
  const directory = temporaryDirectory();
  const definition = writeFile(directory, 'note.ts', noteDefinition);
  const { emulator, flags, env } = await emulatorFor();
  const bucket = bucketOf(emulator.origin);
  await bucket.put('in/1.jsonl.gz', gzipSync('{"id":"a","text":"one"}\n{"id":"b","text":"two"}\n'));
  await bucket.put('in/2.jsonl.gz', gzipSync('{"id":"c","text":"three"}\n'));
  const out = join(directory, 'run');
  const command = ['run', definition, 'gs://bucket/in/*.jsonl.gz', '--out', out, ...flags];
  const first = await gleaner([...command, '--limit', '2'], { env });
  expect(first.stderr).toContain('2 extracted');
  expect(await gleaner(command, { env })).toMatchObject({ code: 0, stderr: expect.stringContaining('3 extracted') });
  expect(
    readRun(out)
      .results.map(({ id }) => id)
      .sort(),
  ).toEqual(['a', 'b', 'c']);
  expect(JSON.parse(readFileSync(join(out, 'run.json'), 'utf8'))).toMatchObject({
    settings: { input: 'gs://bucket/in/*.jsonl.gz' },
    identity: { input: { objects: 2 } },
  });

  // A file that comes later makes it another input.
  await bucket.put('in/3.jsonl.gz', gzipSync('{"id":"d","text":"four"}\n'));
  expect(await gleaner(command, { env })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('the input has other contents'),
  });
  expect((await gleaner([...command, '--accept-changes'], { env })).code).toBe(0);
  expect(emulator.stats().requests).toBe(4);

  const exported = ['export', out, '--output', 'gs://bucket/out/notes.csv', ...flags];
  expect(await gleaner(exported, { env })).toMatchObject({
    code: 0,
    stderr: 'Wrote 4 results to gs://bucket/out/notes.csv\n',
  });
  expect((await bucket.get('out/notes.csv')).trim().split('\n')).toHaveLength(5);
  // The next night takes the place of the last.
  expect((await gleaner(exported, { env })).code).toBe(0);
});

test('says what is missing before anything is written', async () => {
  const directory = temporaryDirectory();
  const { flags, env } = await emulatorFor();
  const command = (...more: string[]) => [
    'run',
    'receipt',
    'gs://bucket/none.csv',
    '--out',
    join(directory, 'run'),
    ...more,
  ];
  const refusals = [
    { args: command(...flags), message: 'Cannot read gs://bucket/none.csv: there is no such object' },
    {
      args: command('--emulator'),
      message: 'Cannot use gs:// or bq:// with the embedded emulator, whose buckets and datasets are empty',
    },
    { args: command('--project', 'some-project', '--location', 'global'), message: 'Cannot use the credential file' },
    { args: ['estimate', 'receipt', 'gs://bucket/none.csv'], message: 'only a run reads from Cloud Storage' },
    { args: ['export', join(directory, 'run'), '--output', 'gs://bucket/', ...flags], message: 'it names none' },
  ];
  for (const { args, message } of refusals) {
    const { code, stderr } = await gleaner(args, {
      env: { ...env, GOOGLE_APPLICATION_CREDENTIALS: join(directory, 'none.json') },
      cwd: root,
    });
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  }
});

test('a token for another service is not sent to Google', async () => {
  const directory = temporaryDirectory();
  const { createServer } = await import('node:http');
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url ?? '');
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const { code, stderr } = await gleaner(
    [
      'run',
      'receipt',
      'gs://bucket/x.csv',
      '--out',
      join(directory, 'run'),
      '--base-url',
      `http://127.0.0.1:${port}/v1`,
      '--auth',
      'env:MINE',
      '--model',
      'm',
    ],
    { env: { MINE: 'token-of-another', GOOGLE_APPLICATION_CREDENTIALS: join(directory, 'none.json') } },
  );
  // It is Application Default Credentials that are missing, though a token was given.
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('none.json') });
  expect(seen).toEqual([]);
});
