import { expect, test } from 'vitest';
import { calibrationFirst } from '../../src/cascade/calibration-first.ts';
import { CascadeCalibration, LowestRanks, rankOf } from '../../src/cascade/calibration.ts';
import type { SourceRow } from '../../src/records/record.ts';

const ids = Array.from({ length: 500 }, (_, at) => `record ${at}`);

test('just so many records are chosen as were asked for, and by their ids alone', () => {
  const ranks = new LowestRanks(60);
  for (const id of ids) ranks.add(id);
  const calibration = new CascadeCalibration({ agree: 0.9, delta: 0.1 }, ranks.highest);
  const chosen = ids.filter((id) => calibration.isChosen(id));
  expect(chosen).toHaveLength(60);
  expect(chosen).toEqual(
    [...ids]
      .sort((a, b) => rankOf(a) - rankOf(b))
      .slice(0, 60)
      .sort((a, b) => ids.indexOf(a) - ids.indexOf(b)),
  );
  // They come from the whole input, not from its beginning.
  expect(chosen.filter((id) => ids.indexOf(id) >= 250).length).toBeGreaterThan(15);
});

test('of fewer records all are chosen, of none none', () => {
  const few = new LowestRanks(60);
  for (const id of ids.slice(0, 5)) few.add(id);
  const calibration = new CascadeCalibration({ agree: 0.9, delta: 0.1 }, few.highest);
  expect(ids.slice(0, 5).every((id) => calibration.isChosen(id))).toBe(true);
  expect(new CascadeCalibration({ agree: 0.9, delta: 0.1 }, new LowestRanks(5).highest).isChosen('a')).toBe(false);
});

test('trials that come once the threshold is in use do not move it', () => {
  const calibration = new CascadeCalibration({ agree: 0.9, delta: 0.1 }, -1);
  for (let trial = 0; trial < 60; trial += 1) calibration.add({ score: 1, agrees: true });
  expect(calibration.reasonAgainst('z', 1)).toBeUndefined();
  expect(calibration.reasonAgainst('z', 0.9)).toBe('unsure');
  for (let trial = 0; trial < 60; trial += 1) calibration.add({ score: 1, agrees: false });
  expect(calibration.reasonAgainst('z', 1)).toBeUndefined();
  expect(calibration.report()).toMatchObject({ trials: 120, agreed: 60, threshold: 1 });
});

test('their rows come first, and the others wait until all of them have come back', async () => {
  let readings = 0;
  const rows: SourceRow[] = ids
    .slice(0, 50)
    .map((id, index) => ({ kind: 'record', index, line: index + 1, fields: { id } }));
  rows.splice(10, 1, { kind: 'unreadable', index: 10, line: 11, text: '{', message: 'broken' } as unknown as SourceRow);
  const calibrated = await calibrationFirst({
    promise: { agree: 0.9, delta: 0.1 },
    calibrate: 8,
    limit: 40,
    open: () => {
      readings += 1;
      return Promise.resolve(
        (async function* () {
          yield* rows;
        })(),
      );
    },
    idOf: (row) => (row.kind === 'record' ? String(row.fields['id']) : undefined),
  });
  let goOn = (): void => undefined;
  calibrated.whenIdle = () => new Promise((resolve) => (goOn = resolve));
  const first: number[] = [];
  for (let count = 0; count < 8; count += 1) first.push((await calibrated.rows.next()).value?.index ?? -1);
  let hasCome = false;
  const ninth = calibrated.rows.next().then((step) => {
    hasCome = true;
    return step;
  });
  await new Promise(setImmediate);
  expect(hasCome).toBe(false);
  goOn();
  const rest = [(await ninth).value?.index ?? -1];
  for await (const row of calibrated.rows) rest.push(row.index);
  expect([...first, ...rest].sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, at) => at));
  expect(rest).toContain(10);
  expect(first).toEqual([...first].sort((a, b) => a - b));
  expect(readings).toBe(3);
});
