import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import { mergeShards } from '../../src/fleet/shards/merge-shards.ts';
import { retryRejects } from '../../src/run/retry-rejects.ts';
import { run } from '../../src/run/run.ts';
import { refuseInside } from '../../src/store/refuse-submitted-place.ts';
import { completion } from '../run/record/scripted-run.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const note = defineExtraction({
  name: 'note',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ word: z.string() }),
  instructions: 'Say the word.',
  prompt: '{{text}}',
  id: 'id',
});

let directory: string;
let out: string;
let asked: number;
const client = {
  complete: () => {
    asked += 1;
    return Promise.resolve(completion({ content: '{"word":"a"}' }));
  },
};
const begin = (place = out): Promise<unknown> => run(note, { input: [{ id: 'n1', text: 'a' }], out: place, client });

beforeEach(() => {
  asked = 0;
  directory = temporaryDirectory();
  out = join(directory, 'run');
  mkdirSync(`${out}.fleet`);
});

describe('a place that a run was submitted for', () => {
  test('is refused for another run before anything is sent, however it is spelled, and stays as it is', async () => {
    writeFileSync(join(`${out}.fleet`, 'fleet.json'), '{}');
    symlinkSync(directory, join(directory, 'link'));
    for (const place of [out, `${out}/`, join(directory, 'link', 'run')]) {
      await expect(begin(place)).rejects.toThrow(
        `Cannot use ${place} as a run directory: a run was submitted to workers for it, whose parts stand in ${out}.fleet`,
      );
    }
    expect(asked).toBe(0);
    expect(existsSync(out)).toBe(false);
    await expect(mergeShards([], { out })).rejects.toThrow('a run was submitted to workers for it');
  });

  test('has nothing inside of it before it is merged, and whatever one likes afterwards', async () => {
    writeFileSync(join(`${out}.fleet`, 'fleet.json'), '{}');
    const inner = join(out, 'nights', 'one');
    await expect(begin(inner)).rejects.toThrow(
      `Cannot use ${inner} as a run directory: a run was submitted to workers for ${out}, whose parts stand in ${out}.fleet`,
    );
    expect(() => refuseInside(inner, inner)).toThrow('a run was submitted to workers for');
    expect(existsSync(out)).toBe(false);
    expect(asked).toBe(0);
    mkdirSync(out);
    writeFileSync(join(out, 'run.json'), '{}');
    await begin(inner);
    expect(asked).toBe(1);
  });

  test('is no more than a name beside it where nothing was submitted, and a run that stands there goes on', async () => {
    await begin();
    expect(asked).toBe(1);
    writeFileSync(join(`${out}.fleet`, 'fleet.json'), '{}');
    await begin();
    await retryRejects(note, { out, client });
    expect(asked).toBe(1);
  });

  test('has parts that only workers write', async () => {
    const part = join(`${out}.fleet`, 'parts', '000000.a1');
    await begin(part);
    writeFileSync(join(`${out}.fleet`, 'fleet.json'), '{}');
    const message = `Cannot use ${part} as a run directory: it is a part of the submitted run in ${out}.fleet`;
    await expect(begin(part)).rejects.toThrow(message);
    await expect(retryRejects(note, { out: part, client })).rejects.toThrow(message);
    await expect(begin(join(`${out}.fleet`, 'mine'))).rejects.toThrow('is a part of the submitted run');
  });
});
