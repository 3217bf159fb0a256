import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeSystemError } from '../../files/system-error.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { messageOf } from '../../text/thrown-message.ts';
import { projectFilesIn } from './has-project-file.ts';
import { checkProject, type CheckedProject } from './check-project.ts';

/** A project's defaults, and the file that they stand in. */
export interface ProjectFile {
  readonly name: string;
  readonly project: CheckedProject;
}

/**
 * Reads the project file of a directory; undefined where there is none.
 *
 * @throws {GleanerError} when there are two, it cannot be loaded, or it says what no command knows
 */
export async function readProjectFile(directory: string): Promise<ProjectFile | undefined> {
  const [name, other] = projectFilesIn(directory);
  if (name === undefined) return undefined;
  if (other !== undefined)
    throw new GleanerError(
      'usage',
      `Cannot tell which settings hold: ${name} and ${other} stand beside each other; keep one of them`,
    );
  const path = join(directory, name);
  return { name, project: checkProject(name.endsWith('.json') ? readJson(path, name) : await load(path, name), name) };
}

function readJson(path: string, name: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof SyntaxError ? `it is no JSON: ${error.message}` : describeSystemError(error);
    throw new GleanerError('usage', `Cannot read ${name}: ${reason}`, { cause: error });
  }
}

async function load(path: string, name: string): Promise<unknown> {
  // Only where there is such a file: it brings a compiler.
  const { createModuleLoader } = await import('../../extraction/module-loader.ts');
  const { readExports } = await import('../../extraction/module-exports.ts');
  const loader = await createModuleLoader(path);
  let exports: Readonly<Record<string, unknown>>;
  try {
    exports = readExports(await loader.load(path));
  } catch (error) {
    throw new GleanerError('usage', `Cannot load ${name}: ${messageOf(error)}`, { cause: error });
  }
  if (Object.hasOwn(exports, 'default')) return exports['default'];
  throw new GleanerError(
    'usage',
    `Cannot use ${name}: it has no default export; write export default defineConfig({ ... })`,
  );
}
