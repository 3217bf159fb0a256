import type { Field, FieldType } from '../fields/field-type.ts';
import { stringSource } from './literal-source.ts';
import { objectCode, withCall, wrapCode, type ZodCode } from './zod-code.ts';
import { zodWord, type ZodGeneration } from './zod-words.ts';

/** Source of a zod object with these fields. */
export function fieldsToZod(fields: readonly Field[], zod: ZodGeneration): ZodCode {
  return objectCode(
    fields.map(({ name, type, description }) => {
      const code = typeToZod(type, zod);
      return {
        key: name,
        value: description === undefined ? code : withCall(code, `.describe(${stringSource(description)})`),
      };
    }),
  );
}

function typeToZod(type: FieldType, zod: ZodGeneration): ZodCode {
  switch (type.kind) {
    case 'nullable':
      return withCall(typeToZod(type.of, zod), '.nullable()');
    case 'list':
      return wrapCode('z.array', [typeToZod(type.of, zod)]);
    case 'object':
      return fieldsToZod(type.fields, zod);
    case 'enum':
      return `z.enum([${type.values.map(stringSource).join(', ')}])`;
    case 'string':
    case 'number':
    case 'boolean':
      return `z.${type.kind}()`;
    default:
      return zodWord(type.kind, zod);
  }
}
