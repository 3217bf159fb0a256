import type { ChatMessage, ContentPart, SystemMessage } from '../completion/request.ts';
import { toPlainJson } from '../json/to-plain-json.ts';
import type { RecordFields } from '../records/record.ts';
import type { Extraction } from './definition.ts';
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

/** Prepares the messages of an extraction: the instructions as system message, then the prompt as user message. */
export function compilePrompt(extraction: Extraction): CompiledPrompt {
  // One object for all records; messages are never changed once made.
  const system: SystemMessage = { role: 'system', content: extraction.instructions };
  const { prompt } = extraction;
  return typeof prompt === 'string' ? compileTemplate(system, prompt) : compileFunction(system, prompt);
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

function compileTemplate(system: SystemMessage, source: string): CompiledPrompt {
  const template = parseTemplate(source);
  return {
    placeholders: [
      ...new Set(
        template.placeholders.filter(({ optionalColumn }) => optionalColumn === undefined).map(({ name }) => name),
      ),
    ],
    render(fields) {
      const rendered = renderTemplate(template, fields);
      if ('missing' in rendered) {
        const hint = suggest(rendered.missing, Object.keys(fields));
        return { ok: false, message: `The record has no "${rendered.missing}", which the prompt uses; ${hint}` };
      }
      if (rendered.text.trim() === '') return { ok: false, message: 'The prompt is empty for this record' };
      return { ok: true, messages: [system, { role: 'user', content: rendered.text }] };
    },
  };
}

function compileFunction(
  system: SystemMessage,
  prompt: (record: RecordFields) => string | ContentPart[],
): CompiledPrompt {
  return {
    placeholders: [],
    render(fields) {
      try {
        return readContent(system, prompt(fields));
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

function readContent(system: SystemMessage, content: unknown): RenderedPrompt {
  if (typeof content === 'string') {
    if (content.trim() === '') return { ok: false, message: 'The prompt is empty for this record' };
    return { ok: true, messages: [system, { role: 'user', content }] };
  }
  if (isContent(content)) {
    const parts = toPlainJson(content);
    if (!('problem' in parts)) {
      return { ok: true, messages: [system, { role: 'user', content: parts.value as unknown as ContentPart[] }] };
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
