import { expect, it } from 'vitest';
import type { JsonObject } from '../../src/json/value.ts';
import { toResponseSchema } from '../../src/native/response-schema.ts';

it.each<{ name: string; schema: JsonObject; native: JsonObject }>([
  {
    name: 'a description beside a union',
    schema: { anyOf: [{ type: 'string' }, { type: 'null' }], description: 'Day' },
    native: { type: 'STRING', description: 'Day', nullable: true },
  },
  {
    name: 'a description within a union',
    schema: { anyOf: [{ type: 'number', description: 'Sum' }, { type: 'null' }] },
    native: { type: 'NUMBER', description: 'Sum', nullable: true },
  },
  {
    name: 'a list of types',
    schema: { type: ['string', 'null'], description: 'Day' },
    native: { type: 'STRING', nullable: true, description: 'Day' },
  },
  {
    name: 'two types',
    schema: { type: ['string', 'integer'] },
    native: { anyOf: [{ type: 'STRING' }, { type: 'INTEGER' }] },
  },
  {
    name: 'three branches',
    schema: { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'null' }] },
    native: { anyOf: [{ type: 'STRING' }, { type: 'NUMBER' }], nullable: true },
  },
  { name: 'a constant', schema: { const: 'x' }, native: { type: 'STRING', enum: ['x'] } },
  {
    name: 'counts',
    schema: { type: 'array', minItems: 1, maxItems: 3, items: { type: 'boolean' } },
    native: { type: 'ARRAY', minItems: 1, maxItems: 3, items: { type: 'BOOLEAN' } },
  },
  {
    name: 'a reference',
    schema: {
      type: 'object',
      properties: { a: { $ref: '#/$defs/Money', description: 'Net' } },
      $defs: { Money: { type: 'number' } },
      additionalProperties: false,
    },
    native: { type: 'OBJECT', properties: { a: { type: 'NUMBER', description: 'Net' } }, propertyOrdering: ['a'] },
  },
])('writes $name', ({ schema, native }) => {
  expect(toResponseSchema(schema)).toEqual(native);
});

it.each<{ name: string; schema: JsonObject; message: RegExp }>([
  {
    name: 'recursion through the root',
    schema: { type: 'object', properties: { next: { $ref: '#' } } },
    message: /ask for next by the native API: it is recursive/,
  },
  {
    name: 'recursion through a definition',
    schema: {
      type: 'object',
      properties: { a: { $ref: '#/$defs/N' } },
      $defs: { N: { type: 'object', properties: { n: { $ref: '#/$defs/N' } } } },
    },
    message: /recursive/,
  },
  {
    name: 'listed numbers',
    schema: { type: 'object', properties: { a: { enum: [1, 2] } } },
    message: /a by the native API: it lists values that are no strings/,
  },
  {
    name: 'free keys',
    schema: { type: 'object', additionalProperties: { type: 'number' } },
    message: /the answer by the native API: its keys are free/,
  },
])('refuses $name', ({ schema, message }) => {
  expect(() => toResponseSchema(schema)).toThrow(message);
});
