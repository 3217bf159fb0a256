import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import type { DeltaEmitter } from './delta-emitter.ts';
import { mergeExtraContent } from './merge-extra-content.ts';
import { StringBuilder } from './string-builder.ts';

/** Puts the fragments of one tool call together. Google repeats id, name and type with every fragment. */
export class ToolCallAssembly {
  readonly #position: number;
  readonly #emitter: DeltaEmitter | undefined;
  readonly #arguments = new StringBuilder();
  #id = '';
  #name = '';
  #type: JsonValue = 'function';
  #index: JsonValue | undefined;
  #extraContent: JsonObject | undefined;
  #isStarted = false;

  constructor(position: number, emitter: DeltaEmitter | undefined) {
    this.#position = position;
    this.#emitter = emitter;
  }

  owns(fragment: JsonObject): boolean {
    const id = readText(fragment['id']);
    if (id === '') return fragment['index'] === this.#index;
    return id === this.#id && this.#fitsName(readText(calledFunction(fragment)['name']));
  }

  add(fragment: JsonObject): void {
    const { name, arguments: text } = calledFunction(fragment);
    this.#id ||= readText(fragment['id']);
    this.#name ||= readText(name);
    this.#index ??= fragment['index'];
    if (fragment['type'] !== undefined) this.#type = fragment['type'];
    this.#extraContent = mergeExtraContent(this.#extraContent, fragment['extra_content']);
    if (!this.#isStarted) {
      this.#isStarted = true;
      this.#emitter?.other({ type: 'tool-call-start', position: this.#position, id: this.#id, name: this.#name });
    }
    const argumentsText = typeof text === 'string' ? text : isJsonObject(text) ? JSON.stringify(text) : '';
    if (argumentsText === '') return;
    this.#arguments.add(argumentsText);
    this.#emitter?.other({ type: 'tool-call-delta', position: this.#position, argumentsText });
  }

  /** The call as an answer in one piece has it. */
  raw(): JsonObject {
    return {
      ...(this.#extraContent === undefined ? {} : { extra_content: this.#extraContent }),
      function: { arguments: this.#arguments.text(), name: this.#name },
      id: this.#id,
      type: this.#type,
    };
  }

  #fitsName(name: string): boolean {
    return name === '' || this.#name === '' || name === this.#name;
  }
}

function calledFunction(fragment: JsonObject): JsonObject {
  return isJsonObject(fragment['function']) ? fragment['function'] : {};
}

function readText(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
