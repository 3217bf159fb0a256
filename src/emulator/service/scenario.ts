import { readFile } from 'node:fs/promises';
import { isJsonObject, type JsonValue } from '../../json/value.ts';
import { locateJsonError } from '../../json/locate-json-error.ts';
import type { EmulatorOptions, Scenario, Settings } from './emulator-options.ts';
import { parseScenario } from './scenario-problem.ts';

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
function checkScenario(value: JsonValue, name: string): Scenario {
  const parsed = parseScenario(value);
  if ('problem' in parsed) throw new RangeError(`Cannot use ${name}: ${parsed.problem}`);
  const { $schema: _, ...scenario } = isJsonObject(value) ? value : {};
  return scenario as Scenario;
}

/**
 * Fills in what a scenario and the options beside it, which go before, leave out.
 *
 * @throws {RangeError} for options that make no sense, and for a scenario file as `readScenario` does
 */
export async function resolveOptions({ scenario = {}, ...own }: EmulatorOptions): Promise<Settings> {
  const data = typeof scenario === 'string' ? await readScenario(scenario) : scenario;
  const given = Object.entries(own).filter(([, value]) => value !== undefined);
  return readOptions({ ...data, ...(Object.fromEntries(given) as Scenario) });
}

/** @throws {RangeError} for options that make no sense */
export function readOptions({ script = [], ...options }: Scenario): Settings {
  // JSON has no number without end, so the schema knows "all" only.
  const steps = script.map((step) => (step.times === Infinity ? { ...step, times: 'all' } : step));
  const parsed = parseScenario({ ...options, script: steps });
  if ('problem' in parsed) throw new RangeError(`Cannot start the emulator: ${parsed.problem}`);
  const { latencyMs, $schema: _, ...settings } = parsed.settings;
  const latency = typeof latencyMs === 'number' ? { min: latencyMs, max: latencyMs } : latencyMs;
  // The schema speaks of optional values as possibly undefined, the interfaces as possibly absent.
  return { ...settings, latencyMs: latency } as Settings;
}
