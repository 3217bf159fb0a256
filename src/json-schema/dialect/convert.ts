import { canonicalJson } from '../../json/canonical.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { ANNOTATION_KEYWORDS, keywordsFor } from '../keywords-of-type.ts';
import type { Conversion, Part } from './conversion.ts';
import { convertArray } from './convert-array.ts';
import { convertEnum } from './convert-enum.ts';
import { convertBounds } from './convert-number.ts';
import { convertObject } from './convert-object.ts';
import { joinBranches, onlyAnnotations, unwrapped } from './convert-union.ts';
import { annotated, type MutableSchema } from './words.ts';

/** Converts one schema and what is below it; undefined where nothing can be valid, so that the caller leaves the place out. */
export function convertSchema(
  conversion: Conversion,
  schema: JsonValue | undefined,
  path: string,
): MutableSchema | undefined {
  if (schema === false) return undefined;
  return isJsonObject(schema) ? convertObjectSchema(conversion, schema, path) : {};
}

function convertObjectSchema(conversion: Conversion, schema: JsonObject, path: string): MutableSchema | undefined {
  if (isNever(schema)) return undefined;
  const { $defs: _, $schema: __, ...rest } = schema;
  if (typeof rest['$ref'] === 'string') return convertReference(conversion, rest, rest['$ref'], path);
  if (Array.isArray(rest['allOf'])) return convertSchema(conversion, conversion.merge([rest], path), path);
  const { const: constant, ...withoutConst } = rest;
  if (constant !== undefined) {
    const allowed = Array.isArray(rest['enum']) && !includesValue(rest['enum'], constant) ? [] : [constant];
    return convertSchema(conversion, { ...withoutConst, enum: allowed }, path);
  }
  if (rest['anyOf'] !== undefined || rest['oneOf'] !== undefined) return convertUnion(conversion, rest, path);
  if (Array.isArray(rest['enum'])) return convertEnum(conversion, rest, rest['enum'] as readonly JsonValue[], path);
  const { type } = rest;
  if (Array.isArray(type)) return convertTypes(conversion, rest, type as readonly JsonValue[], path);

  const convert = (child: JsonValue | undefined, at: string): MutableSchema | undefined =>
    convertSchema(conversion, child, at);
  const parts: Part[] = [
    { sent: typeof type === 'string' ? { type } : {}, words: [] },
    convertFormat(conversion, rest, path),
    convertBounds(conversion, rest, path),
    convertObject(conversion, convert, rest, path),
    convertArray(conversion, convert, rest, path),
    { sent: {}, words: conversion.putIntoWords(rest, path) },
  ];
  const sent: MutableSchema = Object.assign({}, ...parts.map((part) => part.sent));
  if (sent['minItems'] !== undefined || sent['maxItems'] !== undefined) {
    conversion.boundedArrays.push({ path, schema: sent });
  }
  return annotated(
    sent,
    rest,
    parts.flatMap(({ words }) => words),
  );
}

/** A node with `$ref` may carry nothing else, so a reference with company is written out, unless it would never end. */
function convertReference(
  conversion: Conversion,
  schema: JsonObject,
  reference: string,
  path: string,
): MutableSchema | undefined {
  const { $ref: _, ...siblings } = schema;
  const constraints = Object.keys(siblings).filter((keyword) => !ANNOTATION_KEYWORDS.has(keyword));
  const hasCompany = Object.keys(siblings).length > 0;
  const isWrittenOut = conversion.dialect.unionDescription === 'in a branch' ? hasCompany : constraints.length > 0;
  const target = isWrittenOut ? conversion.inlineable(reference) : undefined;
  if (target !== undefined) {
    if (constraints.length > 0) return convertSchema(conversion, conversion.merge([schema], path), path);
    const { $defs: __, ...body } = target;
    return convertSchema(conversion, { ...body, ...siblings }, path);
  }
  for (const keyword of constraints) {
    conversion.lose(path, keyword, 'dropped', 'nothing may stand beside a reference to a recursive type');
  }
  return joinBranches(conversion, [{ $ref: reference }], onlyAnnotations(siblings), path);
}

function convertUnion(conversion: Conversion, schema: JsonObject, path: string): MutableSchema | undefined {
  const { anyOf, oneOf, ...rest } = schema;
  const keyword = anyOf === undefined ? 'oneOf' : 'anyOf';
  const given = anyOf ?? oneOf;
  if (!Array.isArray(given)) return convertSchema(conversion, rest, path);
  if (anyOf !== undefined && oneOf !== undefined) {
    conversion.lose(path, 'oneOf', 'dropped', 'only the anyOf beside it is sent');
  } else if (keyword === 'oneOf') {
    conversion.lose(path, 'oneOf', 'rewritten', 'sent as anyOf: an answer may match more than one branch');
  }
  const constraints = Object.fromEntries(Object.entries(rest).filter(([key]) => !ANNOTATION_KEYWORDS.has(key)));
  const isConstrained = Object.keys(constraints).length > 0;
  const branches = (given as readonly JsonValue[]).flatMap((branch, index) => {
    const at = `${path}/${keyword}/${index}`;
    // What stands beside anyOf holds for each branch, and anyOf has to stand alone.
    const full = !isConstrained
      ? branch
      : branch === true
        ? constraints
        : isJsonObject(branch)
          ? conversion.merge([constraints, branch], at)
          : branch;
    const converted = convertSchema(conversion, full, at);
    return converted === undefined ? [] : unwrapped(converted);
  });
  return joinBranches(conversion, branches, onlyAnnotations(rest), path);
}

function convertTypes(
  conversion: Conversion,
  schema: JsonObject,
  types: readonly JsonValue[],
  path: string,
): MutableSchema | undefined {
  const branches = types
    .map((type) => convertSchema(conversion, { type, ...keywordsFor(type, schema) }, path))
    .filter((branch) => branch !== undefined);
  return joinBranches(conversion, branches, onlyAnnotations(schema), path);
}

function convertFormat(conversion: Conversion, schema: JsonObject, path: string): Part {
  const { format } = schema;
  if (typeof format !== 'string') return { sent: {}, words: [] };
  if (conversion.dialect.formats.has(format)) return { sent: { format }, words: [] };
  return { sent: {}, words: [conversion.describe(path, 'format', `format ${format}`)] };
}

function isNever({ not }: JsonObject): boolean {
  return not === true || (isJsonObject(not) && Object.keys(not).length === 0);
}

function includesValue(values: readonly unknown[], value: JsonValue): boolean {
  const text = canonicalJson(value);
  return values.some((member) => canonicalJson(member) === text);
}
