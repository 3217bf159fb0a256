import type { ChatMessage, ContentPart, UserMessage } from '../completion/request.ts';
import { toPlainJson } from '../json/to-plain-json.ts';
import type { RecordFields } from '../records/record.ts';
import type { Extraction } from './definition.ts';
import { exampleTurns } from './examples.ts';
import { kindOfValue } from './option-checks.ts';
import { reasonOf } from '../text/thrown-message.ts';
import { suggestColumn } from './suggest-column.ts';
import { parseTemplate, renderTemplate } from './template.ts';

/** A record's messages, or why it has none. */
type RenderedPrompt =
  | { readonly ok: true; readonly messages: ChatMessage[] }
  | {
      readonly ok: false;
      readonly message: string;
      /** Whether the definition's own function is at fault, and not the record. */
      readonly isOfDefinition?: true;
    };

export interface CompiledPrompt {
  /** Columns that every record must have for the template, each once; empty for a function. */
  readonly placeholders: readonly string[];
  /** Never throws: a record that cannot be rendered must not end a run. */
  render(fields: RecordFields): RenderedPrompt;
}

/** What one record is asked with, or why it cannot be asked for. */
type RenderedQuestion = UserMessage | Extract<RenderedPrompt, { ok: false }>;

/**
 * Prepares the messages of an extraction: the instructions as system message, its examples, then the prompt as user message.
 *
 * @throws {GleanerError} when the prompt does not fit the record of an example
 */
export function compilePrompt(extraction: Extraction): CompiledPrompt {
  const { prompt, instructions } = extraction;
  const { placeholders, ask } = typeof prompt === 'string' ? compileTemplate(prompt) : compileFunction(prompt);
  // The same objects for all records; messages are never changed once made.
  const shared: readonly ChatMessage[] = [{ role: 'system', content: instructions }, ...exampleTurns(extraction, ask)];
  const [system] = shared;
  const longColumn = typeof prompt === 'function' ? extraction.chunk?.field : undefined;
  return {
    placeholders,
    render(fields) {
      if (longColumn !== undefined && !Object.hasOwn(fields, longColumn)) return withoutLongColumn(longColumn, fields);
      const question = ask(fields);
      if ('ok' in question) return question;
      // Most have no examples.
      if (shared.length === 1 && system !== undefined) return { ok: true, messages: [system, question] };
      return { ok: true, messages: [...shared, question] };
    },
  };
}

/**
 * Says which placeholder is no column of the input, before anything is sent; undefined when all are. An input whose
 * columns are not known before its rows are read is checked record by record instead.
 */
export function checkPlaceholders(placeholders: readonly string[], columns: readonly string[]): string | undefined {
  const known = new Set(columns);
  const missing = placeholders.find((placeholder) => !known.has(placeholder));
  if (missing === undefined) return undefined;
  return `Cannot fill the prompt: it uses {{${missing}}}, but the input has no such column; ${suggest(missing, columns)}`;
}

/** What a function uses of a record is not known; that the column is there which is read in parts can be. */
function withoutLongColumn(column: string, fields: RecordFields): RenderedPrompt {
  const hint = suggestColumn(column, Object.keys(fields));
  return { ok: false, message: `The record has no "${column}", which chunk.field names; ${hint}` };
}

/** As `checkPlaceholders`, of the column that is read in parts; a template's own columns are those already. */
export function checkChunkColumn({ prompt, chunk }: Extraction, columns: readonly string[]): string | undefined {
  const field = typeof prompt === 'function' ? chunk?.field : undefined;
  if (field === undefined || columns.includes(field)) return undefined;
  return `Cannot read records in parts: chunk.field is "${field}", but the input has no such column; ${suggestColumn(field, columns)}`;
}

interface CompiledQuestion {
  placeholders: readonly string[];
  ask(fields: RecordFields): RenderedQuestion;
}

function compileTemplate(source: string): CompiledQuestion {
  const template = parseTemplate(source);
  return {
    placeholders: [
      ...new Set(
        template.placeholders.filter(({ optionalColumn }) => optionalColumn === undefined).map(({ name }) => name),
      ),
    ],
    ask(fields) {
      const rendered = renderTemplate(template, fields);
      if ('missing' in rendered) {
        const hint = suggest(rendered.missing, Object.keys(fields));
        return { ok: false, message: `The record has no "${rendered.missing}", which the prompt uses; ${hint}` };
      }
      if (rendered.text.trim() === '') return { ok: false, message: 'The prompt is empty for this record' };
      return { role: 'user', content: rendered.text };
    },
  };
}

function compileFunction(prompt: (record: RecordFields) => string | ContentPart[]): CompiledQuestion {
  return {
    placeholders: [],
    ask(fields) {
      try {
        return readContent(prompt(fields));
      } catch (error) {
        return {
          ok: false,
          message: `The definition's "prompt" function failed: ${reasonOf(error)}`,
          isOfDefinition: true,
        };
      }
    },
  };
}

function readContent(content: unknown): RenderedQuestion {
  if (typeof content === 'string') {
    if (content.trim() === '') return { ok: false, message: 'The prompt is empty for this record' };
    return { role: 'user', content };
  }
  if (isContent(content)) {
    const parts = toPlainJson(content);
    if (!('problem' in parts)) {
      return { role: 'user', content: parts.value as unknown as ContentPart[] };
    }
    return {
      ok: false,
      isOfDefinition: true,
      message: `The definition's "prompt" function returned what JSON cannot hold: ${parts.problem} at ${parts.path}`,
    };
  }
  return {
    ok: false,
    isOfDefinition: true,
    message: `The definition's "prompt" function must return text or a list of content parts, got ${describeContent(content)}`,
  };
}

function describeContent(content: unknown): string {
  if (content instanceof Promise) {
    // It is not waited for, and what it fails with is nobody else's matter.
    content.catch(() => undefined);
    return 'a promise';
  }
  return Array.isArray(content) ? 'a list without content parts' : kindOfValue(content);
}

/** Whether each part has a type; what else a part needs is the service's to say. */
function isContent(value: unknown): value is ContentPart[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.every(
    (part: unknown) => typeof part === 'object' && part !== null && 'type' in part && typeof part.type === 'string',
  );
}

function suggest(missing: string, columns: readonly string[]): string {
  return suggestColumn(missing, columns, (column) => `{{${column}}}`);
}
