import { Ajv } from 'ajv';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateValue } from '../../../src/emulator/answers/generate.ts';
import { compileSchema } from '../../../src/emulator/answers/compile-schema.ts';
import type { JsonObject } from '../../../src/json/value.ts';
import { receiptText } from '../chat.ts';
import { anyText } from '../../any-text.ts';

const ajv = new Ajv({ strict: false });
const isDay = (text: string) => !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);
ajv.addFormat('date', (text) => /^\d{4}-\d\d-\d\d$/.test(text) && isDay(text));
ajv.addFormat(
  'date-time',
  (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*(?:Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text)),
);
ajv.addFormat('time', /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/);
ajv.addFormat('email', /^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+$/);
ajv.addFormat('uri', (text) => URL.canParse(text));
ajv.addFormat('uuid', /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i);

function generate(schema: JsonObject, text = receiptText, seed = 1): unknown {
  return JSON.parse(JSON.stringify(generateValue(compileSchema(schema), text, seed)));
}

function field(name: string, schema: JsonObject, text?: string): unknown {
  const object = { type: 'object', properties: { [name]: schema }, required: [name] };
  return (generate(object, text) as Record<string, unknown>)[name];
}

function contactOf(kind: string, name: string): JsonObject {
  return {
    type: 'object',
    properties: { kind: { const: kind }, [name]: { type: 'string', format: 'email' } },
    required: ['kind', name],
  };
}

const mail = `From: Jane Doe <jane.doe@acme.example>
Subject: Parcel never arrived
Order number: A-1234

Hello, my parcel was shipped on 3 March 2026 but never arrived. This is unacceptable, please refund me
immediately. Call me at +49 170 1234567 or see https://acme.example/orders/1.

Regards,
Jane Doe`;

describe('values from the text', () => {
  it.each([
    ['company', { type: 'string' }, 'ACME TRADING SDN BHD'],
    ['vendorName', { type: 'string' }, 'ACME TRADING SDN BHD'],
    ['total', { type: 'number' }, 13.25],
    ['totalAmount', { type: 'string' }, '13.25'],
    ['subtotal', { type: 'number' }, 12.5],
    ['change', { type: ['number', 'null'] }, 6.75],
    ['date', { type: 'string' }, '25/12/2018'],
    ['date', { type: 'string', format: 'date' }, '2018-12-25'],
    ['date', { type: 'string', description: 'As YYYY-MM-DD' }, '2018-12-25'],
    ['issuedAt', { type: 'string', format: 'date-time' }, '2018-12-25T20:13:00Z'],
    ['phone', { type: 'string' }, '03-1234 5678'],
    ['postcode', { type: 'string' }, '41150'],
    ['invoice_number', { type: 'string' }, 'INV-00421'],
    ['currency', { enum: ['EUR', 'MYR', 'RM'] }, 'RM'],
    ['currency', { type: 'string' }, 'MYR'],
    ['invoice', { type: 'string', pattern: '^INV-\\d+$' }, 'INV-00421'],
  ])('a receipt: %s %j', (name, schema, expected) => {
    expect(field(name, schema)).toEqual(expected);
  });

  it.each([
    ['email', { type: 'string', format: 'email' }, 'jane.doe@acme.example'],
    ['subject', { type: 'string' }, 'Parcel never arrived'],
    ['customer', { type: 'string' }, 'Jane Doe'],
    ['orderNumber', { type: 'string' }, 'A-1234'],
    ['sentiment', { enum: ['positive', 'neutral', 'negative'] }, 'negative'],
    ['priority', { enum: ['low', 'normal', 'urgent'] }, 'urgent'],
    ['category', { enum: ['billing', 'shipping', 'other'] }, 'shipping'],
    ['refund', { type: 'boolean' }, true],
    ['isVip', { type: 'boolean' }, false],
    ['website', { type: 'string', format: 'uri' }, 'https://acme.example/orders/1.'],
    ['emails', { type: 'array', items: { type: 'string' } }, ['jane.doe@acme.example']],
    ['iban', { anyOf: [{ type: 'string' }, { type: 'null' }] }, null],
    ['iban', { type: 'string', nullable: true }, null],
  ])('a mail: %s %j', (name, schema, expected) => {
    expect(field(name, schema, mail)).toEqual(expected);
  });

  it('lists what was bought', () => {
    const item = {
      type: 'object',
      properties: { name: { type: 'string' }, quantity: { type: 'integer' }, amount: { type: 'number' } },
      required: ['name', 'quantity', 'amount'],
    };
    const schema = {
      type: 'object',
      $defs: { item },
      properties: { items: { type: 'array', items: { $ref: '#/$defs/item' } } },
      required: ['items'],
    };
    expect(generate(schema)).toEqual({
      items: [
        { name: 'TEA TARIK', quantity: 2, amount: 5 },
        { name: 'NASI LEMAK', quantity: 1, amount: 7.5 },
      ],
    });
  });

  it('chooses the alternative that the text fills', () => {
    const withTotal = {
      type: 'object',
      properties: { kind: { const: 'sale' }, total: { type: 'number' } },
      required: ['kind', 'total'],
    };
    expect(generate({ anyOf: [contactOf('contact', 'email'), withTotal] })).toEqual({ kind: 'sale', total: 13.25 });
    expect(generate({ anyOf: [withTotal, contactOf('contact', 'email')] }, mail)).toMatchObject({ kind: 'contact' });
  });

  it('leaves out optional fields it finds nothing for, and keeps the asked order', () => {
    const schema = {
      type: 'object',
      properties: { total: { type: 'number' }, iban: { type: 'string' }, company: { type: 'string' } },
      required: ['total', 'company'],
    };
    expect(Object.keys(generate(schema) as object)).toEqual(['total', 'company']);
    expect(Object.keys(generate({ ...schema, propertyOrdering: ['company', 'iban', 'total'] }) as object)).toEqual([
      'company',
      'total',
    ]);
  });

  it('ends on recursive schemas', () => {
    const node = {
      type: 'object',
      properties: {
        total: { type: 'number' },
        parent: { anyOf: [{ $ref: '#' }, { type: 'null' }] },
        children: { type: 'array', items: { $ref: '#' } },
      },
      required: ['total', 'parent', 'children'],
    };
    expect(ajv.compile(node)(generate(node))).toBe(true);
    expect(generate({ $ref: '#' })).toBeDefined();
    expect(generate({ allOf: [{ $ref: '#' }], anyOf: [{ $ref: '#' }, { $ref: '#' }], type: 'object' })).toBeDefined();
  });

  it('fills a map with what the text labels, and nothing else with it', () => {
    const map = { type: 'object', additionalProperties: { type: 'string' } };
    expect(generate(map)).toMatchObject({ 'invoice no': 'INV-00421' });
    expect(generate({ type: 'object' })).toEqual({});
  });

  it('treats a property named __proto__ as any other', () => {
    const schema = JSON.parse('{"type":"object","properties":{"__proto__":{"const":1}},"required":["__proto__"]}');
    expect(JSON.stringify(generate(schema as JsonObject))).toBe('{"__proto__":1}');
  });

  it('is the same for the same text and seed, and unlike for others', () => {
    const schema = { type: 'object', properties: { x: { type: 'string', format: 'uuid' } }, required: ['x'] };
    expect(generate(schema, 'a', 1)).toEqual(generate(schema, 'a', 1));
    expect(generate(schema, 'a', 1)).not.toEqual(generate(schema, 'a', 2));
  });
});

const names = fc.constantFrom('total', 'date', 'company', 'address', 'items', 'kind', 'é x', 'is_paid', 'email');

/** Schemas that have at least one value, from the keywords the service documents, and a few it tolerates. */
const { schema: anySchema } = fc.letrec<{ schema: JsonObject }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({ type: fc.constantFrom('string', 'STRING') }).map(({ type }) => ({ type: type.toLowerCase() })),
    fc
      .tuple(fc.nat(30), fc.nat(30))
      .map(([minLength, more]) => ({ type: 'string', minLength, maxLength: minLength + more })),
    fc.constantFrom('date', 'date-time', 'time', 'email', 'uri', 'uuid').map((format) => ({ type: 'string', format })),
    fc.constantFrom('^[A-Z]{3}-\\d{4}$', '^\\d+$', '^INV-\\d{5}$').map((pattern) => ({ type: 'string', pattern })),
    fc
      .tuple(fc.integer({ min: -1000, max: 1000 }), fc.nat(100), fc.constantFrom('integer', 'number'))
      .map(([minimum, more, type]) => ({ type, minimum, maximum: minimum + more })),
    fc
      .tuple(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: 2, max: 9 }))
      .map(([low, width]) => ({ type: 'integer', exclusiveMinimum: low, exclusiveMaximum: low + width })),
    fc
      .tuple(fc.integer({ min: -50, max: 50 }), fc.constantFrom(0.01, 0.5, 2.5, 3))
      .map(([minimum, multipleOf]) => ({ type: 'number', minimum, multipleOf })),
    fc.constantFrom({ type: 'boolean' }, { type: 'null' }, { const: 'x' }, { const: 3 }, {}),
    fc
      .uniqueArray(fc.oneof(fc.string(), fc.integer(), fc.constant(null)), { minLength: 1 })
      .map((values) => ({ enum: values })),
    fc.subarray(['string', 'number', 'boolean', 'null', 'array', 'object'], { minLength: 1 }).map((type) => ({ type })),
    fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
    tie('schema').map((schema) => ({ anyOf: [schema, { type: 'null' }] })),
    fc.tuple(tie('schema'), fc.nat(3), fc.nat(3)).map(([items, minItems, more]) => ({
      type: 'array',
      items,
      minItems,
      maxItems: minItems + more,
    })),
    fc
      .tuple(
        fc.dictionary(names, tie('schema'), { maxKeys: 5, noNullPrototype: true }),
        fc.boolean(),
        fc.infiniteStream(fc.boolean()),
      )
      .map(([properties, isOpen, picks]) => ({
        type: 'object',
        properties,
        required: Object.keys(properties).filter(() => picks.next().value),
        additionalProperties: isOpen,
      })),
    tie('schema').map((additionalProperties) => ({ type: 'object', additionalProperties, minProperties: 1 })),
    tie('schema').map((node) => ({
      type: 'object',
      properties: { total: { type: 'number' }, list: { type: 'array', items: node } },
      required: ['list'],
      allOf: [{ required: ['total'] }],
    })),
    fc.constant({ type: 'array', items: { type: 'integer', minimum: 0, maximum: 9 }, uniqueItems: true, minItems: 4 }),
    fc.constant({ type: 'array', items: { type: 'string', maxLength: 12 }, uniqueItems: true, minItems: 3 }),
    fc.constant({ $ref: '#/$defs/tree' }),
  ) as fc.Arbitrary<JsonObject>,
}));

const tree = {
  type: 'object',
  properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#/$defs/tree' } } },
  required: ['name', 'children'],
};

describe('the law', () => {
  it('every value conforms to the schema it was made for, whatever the text', () => {
    const texts = fc.oneof(fc.constantFrom(receiptText, mail, ''), anyText({ maxLength: 200 }));
    const check = () =>
      fc.assert(
        fc.property(anySchema, texts, fc.nat(), (schema, text, seed) => {
          const root = { ...schema, $defs: { tree } };
          const value = generate(root, text, seed);
          const validate = ajv.compile(root);
          if (!validate(value))
            throw new Error(`${JSON.stringify(value)} breaks the schema: ${ajv.errorsText(validate.errors)}`);
        }),
        { numRuns: 200 },
      );
    expect(check).not.toThrow();
  });
});
