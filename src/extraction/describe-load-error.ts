import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { findImportCircle } from './import-circle.ts';
import { reasonOf } from '../text/thrown-message.ts';

export interface LoadErrorDescription {
  /** Where it happened, as far as known: a file and `, line 3, column 8`. */
  place: { path: string; position: string } | undefined;
  /** One line, without paths into node_modules. */
  reason: string;
}

/** Finds out where and why a module could not be loaded, from the forms that jiti, its compiler and Node throw. */
export async function describeLoadError(error: unknown, path: string): Promise<LoadErrorDescription> {
  if (!(error instanceof Error)) return { place: undefined, reason: `it threw ${describeThrown(error)}` };
  // The compiler writes `ParseError: <reason>\n <file>:<line>:<column>`, and counts columns from 0.
  const syntax = /^ParseError: ([^\n]*)\n\s*(.+):(\d+):(\d+)\s*$/.exec(error.message);
  if (syntax !== null) {
    const [, reason = '', file = path, line = '', column = ''] = syntax;
    if (await isUtf16(file)) return { place: { path: file, position: '' }, reason: UTF_16 };
    return { place: at(file, line, String(Number(column) + 1)), reason: `syntax error: ${reason.trim()}` };
  }
  const code = 'code' in error ? error.code : undefined;
  if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND' || code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') {
    return await describeMissingModule(error, path);
  }
  const place = placeInStack(error);
  const reason = reasonOf(error) || error.name;
  const circle = await findImportCircle(place?.path ?? path);
  if (circle === undefined) return { place, reason };
  return {
    place,
    reason: `${reason}; it is loaded on a circle of imports (it imports ${circle.join(', which imports ')}): put what they share into a file of its own`,
  };
}

const UTF_16 = 'it is UTF-16 text; save it as UTF-8';

/** By its byte order mark, as editors on Windows write it. */
async function isUtf16(file: string): Promise<boolean> {
  const [first, second] = await readFile(file).catch(() => Buffer.alloc(0));
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

function describeThrown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 200)) : `a ${typeof value} that is no error`;
}

async function describeMissingModule(error: Error, path: string): Promise<LoadErrorDescription> {
  const reason = reasonOf(error);
  const specifier = /Cannot find (?:module|package) '([^']+)'/.exec(reason)?.[1];
  const stack: unknown = 'requireStack' in error ? error.requireStack : undefined;
  const importer: unknown = Array.isArray(stack) ? stack[0] : undefined;
  const file = typeof importer === 'string' && !importer.includes('node_modules') ? importer : path;
  if (specifier === undefined) return { place: { path: file, position: '' }, reason };
  const name = specifier.startsWith('file:') ? fileURLToPath(specifier) : specifier;
  const advice = adviseOn(name);
  const line = await lineOf(file, specifier);
  return {
    place: line === undefined ? { path: file, position: '' } : at(file, line),
    reason: `cannot find "${name}"${advice}`,
  };
}

/** What helps where a module is not found: what no package can be called is a name that a project gives to a place of its own. */
function adviseOn(name: string): string {
  if (/^[./]/.test(name)) return '';
  if (name.startsWith('#')) return '; name it under "imports" in package.json';
  if (/^(?:@\/|~)/.test(name)) {
    return '; name it under "paths" in the tsconfig.json beside the definition or above, or import it by a relative path';
  }
  return '; install it beside the definition';
}

/** The line on which a module is named, which the loader does not tell. */
async function lineOf(file: string, specifier: string): Promise<number | undefined> {
  const source = await readFile(file, 'utf8').catch(() => '');
  const index = source
    .split('\n')
    .findIndex((line) => [`'${specifier}'`, `"${specifier}"`].some((quoted) => line.includes(quoted)));
  return index < 0 ? undefined : index + 1;
}

/** The innermost line of the user's own code. Its column is left out: compiling moves columns, but not lines. */
function placeInStack(error: Error): LoadErrorDescription['place'] {
  const lines = (error.stack ?? '').split('\n');
  // Node writes the place of a syntax error above the message.
  const head = /^(?:file:\/\/)?(\/.+|[A-Za-z]:[\\/].+):(\d+)$/.exec(lines[0] ?? '');
  if (head?.[1] !== undefined) return at(head[1], head[2] ?? '');
  const frames = lines.flatMap((line) => {
    const frame = /^\s+at (?:.*\()?(?:async )?(?:file:\/\/)?((?:\/|[A-Za-z]:[\\/]).*?):(\d+):\d+\)?$/.exec(line);
    return frame?.[1] === undefined ? [] : [{ file: frame[1], line: frame[2] ?? '' }];
  });
  const own = new URL('../', import.meta.url).pathname;
  const frame = frames.find(({ file }) => !file.includes('node_modules') && !file.startsWith(own));
  return frame === undefined ? undefined : at(frame.file, frame.line);
}

function at(path: string, line: string | number, column?: string): { path: string; position: string } {
  return { path, position: `, line ${line}${column === undefined ? '' : `, column ${column}`}` };
}
