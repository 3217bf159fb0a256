import { readFile } from 'node:fs/promises';
import { isJsonObject, type JsonValue } from '../../json/value.ts';
import { locateJsonError } from '../../json/locate-json-error.ts';
import type { EmulatorOptions } from './emulator-options.ts';
import { scenarioSchema } from './scenario-schema.ts';
import { schemaProblem } from './schema-problem.ts';

/** The emulator's options as data: what a scenario file holds. */
export type Scenario = Omit<EmulatorOptions, 'scenario'>;

/**
 * Reads a scenario file.
 *
 * @throws {RangeError} for a file that cannot be read, is no JSON, or breaks the schema, naming the place
 */
export async function readScenario(path: string): Promise<Scenario> {
  let text: string;
  try {
    text = (await readFile(path, 'utf8')).replace(/^\ufeff/, '');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be read';
    const reason = code === 'ENOENT' ? 'there is no such file' : code;
    throw new RangeError(`Cannot read the scenario ${JSON.stringify(path)}: ${reason}`, { cause: error });
  }
  const at = locateJsonError(text);
  if (at !== undefined) {
    const line = text.slice(0, at).split('\n').length;
    throw new RangeError(`Cannot read the scenario ${JSON.stringify(path)}: it stops being JSON on line ${line}`);
  }
  return checkScenario(JSON.parse(text) as JsonValue, `the scenario ${JSON.stringify(path)}`);
}

/**
 * Checks a value against the schema of scenarios.
 *
 * @throws {RangeError} naming the place by its JSON pointer
 */
export function checkScenario(value: JsonValue, name = 'the scenario'): Scenario {
  const problem = schemaProblem(scenarioSchema, value);
  if (problem !== undefined) throw new RangeError(`Cannot use ${name}: ${problem}`);
  const { $schema: _, ...scenario } = isJsonObject(value) ? value : {};
  return scenario as Scenario;
}
