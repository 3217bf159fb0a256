import { expect, test } from 'vitest';
import { loadPackage } from '../../src/telemetry/load-package.ts';

const what = { names: ['prom-client', 'another'], purpose: 'give metrics' };
const failing = (code: string) => (): Promise<never> => Promise.reject(Object.assign(new Error('broken'), { code }));

test('loadPackage gives what is there', async () => {
  expect(await loadPackage(() => Promise.resolve(7), what)).toBe(7);
});

test.each(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'])(
  'loadPackage says how to install what is not there: %s',
  async (code) => {
    await expect(loadPackage(failing(code), what)).rejects.toThrow(
      'Cannot give metrics: it takes prom-client, another, which gleaner does not bring; install with npm install prom-client another',
    );
  },
);

test('loadPackage leaves a package that is there and broken to whoever made it', async () => {
  await expect(loadPackage(failing('EACCES'), what)).rejects.toThrow('broken');
});
