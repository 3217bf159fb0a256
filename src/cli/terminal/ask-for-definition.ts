import { isCancel, multiselect, select, text } from '@clack/prompts';
import { FieldError } from '../../init/fields/field-error.ts';
import { parseFields } from '../../init/fields/parse-fields.ts';
import { printFields } from '../../init/fields/print-fields.ts';
import type { InitOptions } from '../../init/init-definition.ts';
import { canBePlaceholder, guessColumns } from '../../init/survey/guess-columns.ts';
import { guessFields } from '../../init/survey/guess-fields.ts';
import type { InputSurvey } from '../../init/survey/survey-input.ts';
import type { Terminal } from './terminal.ts';

type Answers = Pick<InitOptions, 'id' | 'texts' | 'fields'>;

/** Asks for what no flag said, with what is guessed as the answer that Enter gives; undefined where the user gave up. */
export async function askForDefinition(
  survey: InputSurvey,
  given: InitOptions,
  { stdin, stderr }: Pick<Terminal, 'stdin' | 'stderr'>,
): Promise<Answers | undefined> {
  const common = { input: stdin, output: stderr };
  const guess = guessColumns(survey);
  const names = survey.columns.map(({ name }) => name);
  const id =
    given.id ??
    (await select<string | false>({
      ...common,
      message: 'Which column holds the ids?',
      options: [
        ...names.map((name) => ({ value: name, label: name })),
        { value: false, label: 'none: number the rows' },
      ],
      initialValue: guess.id ?? false,
    }));
  if (isCancel(id)) return undefined;
  const readable = names.filter((name) => name !== id && canBePlaceholder(name));
  const texts =
    given.texts ??
    (await multiselect<string>({
      ...common,
      message: 'Which columns does the model read?',
      options: readable.map((name) => ({ value: name, label: name })),
      initialValues: guess.texts.filter((name) => readable.includes(name)),
      required: true,
    }));
  if (isCancel(texts)) return undefined;
  const columns = { id: id === false ? null : id, texts };
  if (given.fields !== undefined || given.jsonSchema !== undefined) return columns;
  const guessed = guessFields(survey, { id: columns.id ?? undefined, texts });
  const fields = await text({
    ...common,
    message: 'What is to be extracted? As in: company, total: number?, date: date, items[]: {name, price: number}',
    initialValue: printFields(guessed.fields),
    validate: problemOf,
  });
  return isCancel(fields) ? undefined : { ...columns, fields };
}

function problemOf(fields = ''): string | undefined {
  try {
    parseFields(fields);
    return undefined;
  } catch (error) {
    if (error instanceof FieldError) return error.message;
    throw error;
  }
}
