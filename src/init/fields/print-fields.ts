import type { Field, FieldType } from './field-type.ts';

/** Writes fields in the field language, as `parseFields` reads them. */
export function printFields(fields: readonly Field[]): string {
  return fields.map(printField).join(', ');
}

function printField({ name, type, description }: Field): string {
  const words = description === undefined ? '' : ` ${quoted(description)}`;
  const { mark, inside } = listMark(type);
  return `${printName(name)}${mark}${inside.kind === 'string' ? '' : `: ${printType(inside)}`}${words}`;
}

/** A list is told at its name, as in `items[]: {name}`, where that says the same. */
function listMark(type: FieldType): { mark: string; inside: FieldType } {
  if (type.kind === 'list' && type.of.kind !== 'nullable') return { mark: '[]', inside: type.of };
  const list = type.kind === 'nullable' && type.of.kind === 'list' ? type.of : undefined;
  if (list !== undefined && list.of.kind !== 'nullable')
    return { mark: '[]', inside: { kind: 'nullable', of: list.of } };
  return { mark: '', inside: type };
}

function printType(type: FieldType): string {
  switch (type.kind) {
    case 'nullable':
      return `${printType(type.of)}?`;
    case 'list':
      return `${printType(type.of)}[]`;
    case 'object':
      return `{${printFields(type.fields)}}`;
    case 'enum':
      return type.values.length === 1 ? quoted(type.values[0] ?? '') : type.values.map(printName).join(' | ');
    default:
      return type.kind;
  }
}

const PLAIN_WORD = /^[\p{L}\p{N}_][\p{L}\p{N}\p{M}_.-]*$/u;

function printName(name: string): string {
  return PLAIN_WORD.test(name) ? name : quoted(name);
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
