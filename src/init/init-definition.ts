import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { describeSystemError, systemCode } from '../files/system-error.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { JsonValue } from '../json/value.ts';
import { suggestColumn } from '../extraction/suggest-column.ts';
import type { OpenRecordsOptions } from '../records/open-records.ts';
import { definitionText } from './definition-text.ts';
import type { Field } from './fields/field-type.ts';
import { parseFields } from './fields/parse-fields.ts';
import { canBePlaceholder, guessColumns } from './survey/guess-columns.ts';
import { guessFields, type FieldOrigin } from './survey/guess-fields.ts';
import { surveyInput, type InputSurvey } from './survey/survey-input.ts';
import { fieldsToZod } from './zod-source/fields-to-zod.ts';
import { schemaToZod, type ZodFromSchema } from './zod-source/schema-to-zod.ts';
import type { ZodGeneration } from './zod-source/zod-words.ts';

export interface InitOptions {
  /** Where `schemas/` stands or is made. Default: the current directory. */
  directory?: string;
  /** Default: the name of the input's file. */
  name?: string;
  /** In the field language: `company, total: number?, items[]: {name, price: number}`. Default: guessed from the input. */
  fields?: string | readonly Field[];
  /** A JSON Schema that says the fields instead. */
  jsonSchema?: JsonValue;
  /** The column with the ids; null for none. Default: guessed. */
  id?: string | null;
  /** The columns that the model reads. Default: guessed. */
  texts?: readonly string[];
  /** Default `google/gemini-3.5-flash-lite`. */
  model?: string;
  reading?: OpenRecordsOptions;
}

export interface InitializedDefinition {
  name: string;
  /** The definition's file, from the directory. */
  path: string;
  /** All files that were written, from the directory. */
  written: string[];
  id: string | undefined;
  texts: readonly string[];
  /** Where the fields come from; undefined where they were given. */
  origin: FieldOrigin | undefined;
  /** What of a JSON Schema zod cannot say, by path. */
  notes: readonly string[];
}

const DEFAULT_MODEL = 'google/gemini-3.5-flash-lite';

/**
 * Writes a first definition for an input, `schemas/<name>.ts`, and a package.json where there is none. No file is ever overwritten.
 *
 * @throws {GleanerError} when the input cannot be read, the fields cannot, or a file of that name stands there
 */
export async function initDefinition(input: string, options: InitOptions = {}): Promise<InitializedDefinition> {
  return initSurveyed(await surveyInput(input, options.reading), options);
}

/** Writes the definition for an input that was looked at. */
export function initSurveyed(survey: InputSurvey, options: InitOptions): InitializedDefinition {
  const { directory = process.cwd(), model = DEFAULT_MODEL } = options;
  const name = definitionName(options.name ?? nameFromFile(survey.input));
  const path = join('schemas', `${name}.ts`);
  refuseExisting(directory, path);
  const guess = guessColumns(survey);
  const id = options.id === undefined ? guess.id : (options.id ?? undefined);
  const texts = options.texts ?? guess.texts.filter((text) => text !== id);
  for (const column of id === undefined ? texts : [id, ...texts]) checkColumn(column, survey);
  checkTexts(texts, survey);
  const zod = zodGeneration(directory);
  const { code, origin } = schemaCode(options, () => guessFields(survey, { id, texts }), zod);
  const text = definitionText({
    name,
    input: basename(survey.input),
    model,
    schema: code.root,
    declarations: code.declarations,
    origin,
    notes: code.notes,
    id,
    texts: texts.map((column) => ({
      name: column,
      isEverywhere: survey.columns.find(({ name }) => name === column)?.isEverywhere ?? false,
    })),
  });
  const written = [path];
  writeNew(directory, path, text);
  if (!hasPackage(directory)) {
    writeNew(directory, 'package.json', packageText(zod));
    written.push('package.json');
  }
  return { name, path, written, id, texts, origin, notes: code.notes };
}

function schemaCode(
  { fields, jsonSchema }: InitOptions,
  guess: () => ReturnType<typeof guessFields>,
  zod: ZodGeneration,
): { code: ZodFromSchema; origin: FieldOrigin | undefined } {
  if (jsonSchema !== undefined) {
    if (fields === undefined) return { code: schemaToZod(jsonSchema, zod), origin: undefined };
    throw new GleanerError(
      'option-invalid',
      'Cannot take the fields from a JSON Schema and from a list: give one of them',
    );
  }
  if (fields !== undefined) {
    const given = typeof fields === 'string' ? parseFields(fields) : fields;
    return { code: plain(given, zod), origin: undefined };
  }
  const guessed = guess();
  return { code: plain(guessed.fields, zod), origin: guessed.origin };
}

function plain(fields: readonly Field[], zod: ZodGeneration): ZodFromSchema {
  return { root: fieldsToZod(fields, zod), declarations: [], notes: [] };
}

/** What stands before the first dot, in the letters that a name may have. */
function nameFromFile(input: string): string {
  const name = basename(input)
    .replace(/\..*$/s, '')
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 64);
  return name === '' ? 'records' : name;
}

function definitionName(name: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(name)) return name;
  throw new GleanerError(
    'option-invalid',
    `Cannot name a definition ${JSON.stringify(name.slice(0, 80))}: a name has 1 to 64 letters, digits, "_" or "-", such as "receipt"`,
  );
}

function checkColumn(column: string, { input, columns }: InputSurvey): void {
  const names = columns.map(({ name }) => name);
  if (names.includes(column)) return;
  throw new GleanerError(
    'option-invalid',
    `Cannot use the column ${JSON.stringify(column)}: ${input} has none of that name; ${suggestColumn(column, names)}`,
  );
}

function checkTexts(texts: readonly string[], { input }: InputSurvey): void {
  if (texts.length === 0) {
    throw new GleanerError(
      'option-invalid',
      `Cannot tell what of ${input} a model is to read: no column beside the ids holds a value that a template can name; name the columns`,
    );
  }
  const odd = texts.find((column) => !canBePlaceholder(column));
  if (odd === undefined) return;
  throw new GleanerError(
    'option-invalid',
    `Cannot write a template for the column ${JSON.stringify(odd)}: its name has braces or outer spaces; rename it in the input, or write "prompt" as a function`,
  );
}

function refuseExisting(directory: string, path: string): void {
  for (const extension of ['.ts', '.mts', '.js', '.mjs', '.cts', '.cjs']) {
    const other = path.replace(/\.ts$/, extension);
    if (existsSync(join(directory, other))) throw alreadyThere(other);
  }
}

function alreadyThere(path: string): GleanerError {
  return new GleanerError(
    'output-unwritable',
    `Cannot write ${path}: it is there already, and nothing is written over it; edit it, or give another name`,
    {
      facts: { advice: 'name' },
    },
  );
}

function writeNew(directory: string, path: string, text: string): void {
  const target = join(directory, path);
  try {
    mkdirSync(dirname(target), { recursive: true });
    // A file that came to be since is not overwritten either.
    writeFileSync(target, text, { flag: 'wx' });
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw alreadyThere(path);
    throw new GleanerError('output-unwritable', `Cannot write ${path}: ${describeSystemError(error)}`, {
      cause: error,
    });
  }
}

/** Whether npm would take some package.json for this directory's. */
function hasPackage(directory: string): boolean {
  let place = resolve(directory);
  for (;;) {
    if (existsSync(join(place, 'package.json'))) return true;
    const above = dirname(place);
    if (above === place) return false;
    place = above;
  }
}

function packageText(zod: ZodGeneration): string {
  const content = { private: true, type: 'module', dependencies: { zod: zod === 3 ? '^3.25.76' : '^4' } };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** The zod that the definition will import: the directory's own, else the one beside gleaner. */
function zodGeneration(directory: string): ZodGeneration {
  for (const from of [join(resolve(directory), 'package.json'), import.meta.url]) {
    try {
      const { version } = createRequire(from)('zod/package.json') as { version: string };
      return version.startsWith('3.') ? 3 : 4;
    } catch {
      continue;
    }
  }
  return 4;
}
