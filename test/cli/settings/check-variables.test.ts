import { expect, test } from 'vitest';
import { checkVariables } from '../../../src/cli/settings/check-variables.ts';

test.each<[string, Record<string, string>, RegExp]>([
  [
    'a misspelled cap',
    { GLEANER_MAX_COSTS: '1' },
    /GLEANER_MAX_COSTS: no flag has that name; did you mean GLEANER_MAX_COST\?/,
  ],
  ['an empty cap', { GLEANER_MAX_COST: '' }, /GLEANER_MAX_COST: it is empty; give it a value, or unset it/],
  ['blanks for a value', { GLEANER_RPM: '  ' }, /GLEANER_RPM: it is empty/],
  ['an empty switch', { GLEANER_STREAM: '' }, /GLEANER_STREAM: it is empty/],
  ['small letters', { gleaner_rpm: '5' }, /gleaner_rpm: no flag has that name; did you mean GLEANER_RPM\?/],
  ['nothing like any flag', { GLEANER_XYZZYQWERTZ: '5' }, /no flag has that name; all flags stand in docs\/cli\.md\./],
])('%s is refused', (_name, environment, message) => {
  expect(() => checkVariables(environment)).toThrow(message);
});

test('flags of any command, and variables of others, are let through', () => {
  expect(() =>
    checkVariables({ GLEANER_RPM: '5', GLEANER_PORT: '1', PATH: '', GLEAN: '', MY_GLEANER_X: '' }),
  ).not.toThrow();
});
