import { readFileSync } from 'node:fs';
import { loadDefinition } from '../../extraction/load-definition.ts';
import { describeSystemError } from '../../files/system-error.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { FieldError } from '../../init/fields/field-error.ts';
import { initSurveyed, type InitializedDefinition, type InitOptions } from '../../init/init-definition.ts';
import { surveyInput, type InputSurvey } from '../../init/survey/survey-input.ts';
import type { JsonValue } from '../../json/value.ts';
import type { RecordFormat } from '../../records/record.ts';
import { deriveSchema } from '../../schema/derive.ts';
import { visible } from '../../text/visible.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { shellWord } from '../../text/shell-word.ts';
import type { initFlags } from '../settings/flags/before-flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `gleaner init <data>`: a first definition. A terminal is asked for what no flag says. */
export async function initCommand(
  [data = '']: readonly string[],
  settings: Settings<typeof initFlags>,
  terminal: Terminal,
): Promise<number> {
  if (data === '-')
    throw new GleanerError('usage', 'Cannot write a definition for standard input: give the file that will be run');
  const options = optionsOf(settings);
  const survey = await surveyInput(data, options.reading);
  if (mayAsk(settings, terminal)) {
    const { askForDefinition } = await import('../terminal/ask-for-definition.ts');
    const answers = await askForDefinition(survey, options, terminal);
    if (answers === undefined) return EXIT_CODES.SIGINT;
    Object.assign(options, answers);
  }
  const made = initMarked(survey, options, terminal);
  terminal.stderr.write(`${visible(initText(made, data, settings))}\n`);
  await checkWritten(made);
  return EXIT_CODES.ok;
}

/** An error itself is told on one line, so its place is shown before it. */
function initMarked(survey: InputSurvey, options: InitOptions, { stderr }: Terminal): InitializedDefinition {
  try {
    return initSurveyed(survey, options);
  } catch (error) {
    if (error instanceof FieldError) stderr.write(`${visible(error.place)}\n`);
    throw error;
  }
}

/** A schema that somebody wrote for other ends may be one that no model can be asked to fill. */
async function checkWritten({ name, path }: InitializedDefinition): Promise<void> {
  try {
    const { extraction } = await loadDefinition(name);
    await deriveSchema(extraction.schema);
  } catch (error) {
    if (!(error instanceof GleanerError)) throw error;
    throw new GleanerError(error.code, `${path} was written, and has to be edited first: ${error.message}`, {
      cause: error,
    });
  }
}

function optionsOf(settings: Settings<typeof initFlags>): InitOptions {
  const from = settings.text('from');
  const reading = {
    format: settings.text('format') as RecordFormat | undefined,
    delimiter: settings.text('delimiter'),
    encoding: settings.text('encoding'),
    fillShortRows: settings.isOn('fill-short-rows') ? true : undefined,
  };
  const options = {
    name: settings.text('name'),
    fields: settings.text('fields'),
    jsonSchema: from === undefined ? undefined : readSchema(from),
    id: settings.text('id-field'),
    texts: settings
      .text('text')
      ?.split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    model: settings.text('model'),
    reading: withoutUndefined(reading),
  };
  return withoutUndefined(options);
}

function withoutUndefined<Options extends object>(
  options: Options,
): { [Name in keyof Options]?: Exclude<Options[Name], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}

function readSchema(path: string): JsonValue {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new GleanerError('input-unreadable', `Cannot read the JSON Schema ${path}: ${describeSystemError(error)}`, {
      cause: error,
    });
  }
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    throw new GleanerError('input-unreadable', `Cannot read the JSON Schema ${path}: it is no JSON`, { cause: error });
  }
}

function mayAsk(settings: Settings<typeof initFlags>, { stdin, stderr }: Terminal): boolean {
  const isTerminal = stderr.isTTY === true && 'isTTY' in stdin && stdin.isTTY === true;
  return isTerminal && !settings.isOn('yes');
}

function initText(
  { name, path, written, id, texts, origin, notes }: InitializedDefinition,
  data: string,
  settings: Settings<typeof initFlags>,
): string {
  const reads = `the model reads ${texts.map((text) => `"${text}"`).join(', ')}`;
  const ids = id === undefined ? 'ids are row numbers' : `ids come from "${id}"`;
  const reading = (['format', 'delimiter', 'encoding'] as const)
    .flatMap((flag) =>
      settings.text(flag) === undefined ? [] : [` --${flag} ${shellWord(settings.text(flag) ?? '')}`],
    )
    .concat(settings.isOn('fill-short-rows') ? [' --fill-short-rows'] : [])
    .join('');
  const file = shellWord(data);
  return [
    `Wrote ${written.join(' and ')}: ${ids}, ${reads}`,
    ...(origin === undefined ? [] : [`${ORIGINS[origin]}; change them in ${path}`]),
    ...notes.map((note) => `note: ${note}`),
    'Next, see what would be sent, then run it without an account:',
    `  npx gleaner preview ${name} ${file}${reading}`,
    `  npx gleaner run ${name} ${file}${reading} --out runs/${name} --emulator`,
  ].join('\n');
}

const ORIGINS = {
  columns: 'The fields are a guess from the columns that hold no text',
  labels: 'The fields are a guess from labels in the texts',
  none: 'There is one field to begin with: nothing in the data tells what you want',
} as const;
