import { expect, test, vi } from 'vitest';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import { libraryForDefinitions } from '../../src/extraction/library-for-definitions.ts';

function library() {
  const loadWhole = vi.fn<() => object>(() => ({ defineExtraction, run: () => 'ran' }));
  return { loadWhole, gleaner: libraryForDefinitions(loadWhole) as Record<string, unknown> };
}

test('a definition that only defines does not load the rest of the library', async () => {
  const { loadWhole, gleaner } = library();
  // What a compiled module asks of one that it imports.
  const imported = (await Promise.resolve(gleaner)) as Record<string, unknown>;
  expect(imported['default']).toBeUndefined();
  expect('__esModule' in imported).toBe(false);
  expect(imported['defineExtraction']).toBe(defineExtraction);
  expect(loadWhole).not.toHaveBeenCalled();
});

test('whatever else it asks for is there, loaded once, and what does not exist is undefined', () => {
  const { loadWhole, gleaner } = library();
  expect((gleaner['run'] as () => string)()).toBe('ran');
  expect('nothing' in gleaner).toBe(false);
  expect(gleaner['nothing']).toBeUndefined();
  expect(loadWhole).toHaveBeenCalledTimes(1);
});

test('a module that exports all of it again gets every name', () => {
  const { gleaner } = library();
  expect({ ...gleaner }).toHaveProperty('run');
});
