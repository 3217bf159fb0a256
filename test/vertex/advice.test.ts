import { expect, test } from 'vitest';
import { adviceFor } from '../../src/vertex/advice.ts';

const google = new URL('https://us-central1-aiplatform.googleapis.com/v1/x');
const other = new URL('http://127.0.0.1:8000/v1/chat/completions');

test.each([401, 402, 403, 404, 405, 307])('advice on %i speaks of Google only where Google answers', (status) => {
  expect(adviceFor(status, google)).toBeDefined();
  expect(adviceFor(status, other)).toBeDefined();
  expect(adviceFor(status, other)?.text).not.toMatch(/gcloud|roles\/|Vertex|location/);
});

test('the emulator stands for Google, and is told of its permissions like it', () => {
  expect(adviceFor(403, other, { isEmulated: true })).toBe(adviceFor(403, google));
  expect(adviceFor(400, google)).toBeUndefined();
});
