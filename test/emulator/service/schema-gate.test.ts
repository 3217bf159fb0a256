import { describe, expect, it } from 'vitest';
import { gateFunction, gateSchema } from '../../../src/emulator/service/schema-gate.ts';
import type { JsonObject } from '../../../src/json/value.ts';

const object = (field: JsonObject): JsonObject => ({ type: 'object', properties: { field } });
const nullable = { anyOf: [{ type: 'string' }, { type: 'null' }] };

describe('gateFunction()', () => {
  it.each([
    [
      'a description beside anyOf',
      { ...nullable, description: 'd' },
      'When using any_of, it must be the only field set',
    ],
    ['a type beside anyOf', { ...nullable, type: 'string' }, 'parameters of function f.properties[field]'],
    ['the same inside a list', { type: 'array', items: { ...nullable, description: 'd' } }, '.items'],
    ['a date', { type: 'string', format: 'date' }, "only 'enum' and 'date-time' are supported for STRING type"],
    ['an empty value', { type: 'string', enum: ['a', ''] }, 'enum[1]: cannot be empty'],
  ])('refuses %s, in the words of the service', (_name, field, words) => {
    expect(gateFunction('f', object(field))).toContain(words);
  });

  it.each([
    ['anyOf alone', nullable],
    ['what Pydantic writes beside it', { ...nullable, title: 'Field', default: null }],
    ['a time with its date', { type: 'string', format: 'date-time' }],
    ['a description in a branch', { anyOf: [{ type: 'string', description: 'd' }, { type: 'null' }] }],
    [
      'fields named like keywords',
      { type: 'object', properties: { anyOf: { type: 'string' }, type: { type: 'string' } } },
    ],
  ])('takes %s', (_name, field) => {
    expect(gateFunction('f', object(field))).toBeUndefined();
  });
});

describe('gateSchema()', () => {
  it('refuses an empty value in an answer as well, and knows nothing against a description there', () => {
    expect(gateSchema(object({ type: 'string', enum: ['', 'a'] }))).toContain('enum[0]: cannot be empty');
    expect(gateSchema(object({ ...nullable, description: 'd' }))).toBeUndefined();
  });
});
