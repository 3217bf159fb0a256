import type { CompletionDelta } from '../../completion/delta.ts';
import { StringBuilder } from '../../completion/string-builder.ts';
import { isJsonObject, type JsonObject } from '../../json/value.ts';
import type { AnswerIssue } from '../judge-answer.ts';
import { parseAnswer } from '../parse-answer.ts';
import { PROBLEM_TABLE, type AnswerProblemCode } from '../problem.ts';
import { StreamCheck, type StreamFinding } from './stream-check.ts';
import { RepetitionDetector } from './stream-loop.ts';

/** Why the rest of an answer need not be waited for. */
export type EarlyEnd =
  | {
      code: Extract<AnswerProblemCode, 'schema_violation' | 'truncated_loop' | 'truncated_thinking'>;
      /** For people: what shows it, and what to do; bounded, quotes nothing of the answer but keys in paths. */
      message: string;
      /** The message's particulars alone. */
      reason: string;
      /** What contradicts the schema; empty for every other code. */
      issues: readonly AnswerIssue[];
    }
  /** The JSON object is complete and only white space follows: judge what is there. */
  | { code: undefined };

export interface AnswerWatchOptions {
  /** What the answer is held against: JSON Schema of all that validation takes, as `streamSchema` derives it. */
  schema: JsonObject;
  /** Tokens; thoughts are not limited when it is absent or negative, which lets the model decide. */
  thinkingBudget?: number | undefined;
  /** Rough is enough; a token for four characters when absent. */
  countTokens?: ((text: string) => number) | undefined;
}

const MAX_NAMED_ISSUES = 3;

/** Thoughts arrive as a summary, counted roughly, and models overdraw a budget somewhat. */
const THINKING_ALLOWANCE = { factor: 2, tokens: 512 };

/**
 * Reads an answer while it arrives and tells as soon as it cannot become valid, so that nobody pays for the rest: it
 * contradicts the schema, repeats itself, is flooded with white space, or thinks far past the budget. Linear in the
 * text's length.
 */
export class EarlyStopper {
  readonly #text = new StringBuilder();
  readonly #check: StreamCheck;
  readonly #loop = new RepetitionDetector();
  readonly #countTokens: (text: string) => number;
  readonly #thinkingBudget: number | undefined;
  readonly #maxThoughtTokens: number;
  #thoughtTokens = 0;
  #thoughtsLength = 0;

  constructor(options: AnswerWatchOptions) {
    const { schema, thinkingBudget, countTokens = quarterOfLength } = options;
    this.#check = new StreamCheck(schema);
    this.#countTokens = countTokens;
    this.#thinkingBudget = thinkingBudget;
    const { factor, tokens } = THINKING_ALLOWANCE;
    const isBounded = thinkingBudget !== undefined && thinkingBudget >= 0;
    this.#maxThoughtTokens = isBounded ? factor * thinkingBudget + tokens : Infinity;
  }

  /** The answer's text so far, without thoughts. */
  get text(): string {
    return this.#text.text();
  }

  /** Characters of thoughts so far. */
  get thoughtsLength(): number {
    return this.#thoughtsLength;
  }

  /** Takes the next step of the answer; tells why the one after it is not worth waiting for. */
  push(delta: CompletionDelta): EarlyEnd | undefined {
    switch (delta.type) {
      case 'text-delta':
        return this.#readText(delta.text);
      case 'thought-delta':
        return this.#readThought(delta.text);
      case 'tool-call-start':
      case 'tool-call-delta':
      case 'finish':
      case 'usage':
        return undefined;
      default:
        return delta satisfies never;
    }
  }

  #readText(text: string): EarlyEnd | undefined {
    this.#text.add(text);
    const finding = this.#check.push(text);
    if (finding !== undefined) return this.#judge(finding);
    const loop = this.#loop.push(text);
    if (loop === undefined) return undefined;
    const { length, period } = loop;
    return end(
      'truncated_loop',
      `the last ${length} characters repeat a stretch of ${period}, ${Math.floor(length / period)} times`,
    );
  }

  #judge(finding: StreamFinding): EarlyEnd {
    switch (finding.kind) {
      case 'violation': {
        const { issues } = finding;
        const named = issues
          .slice(0, MAX_NAMED_ISSUES)
          .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
        if (issues.length > named.length) named.push(`${issues.length - named.length} more`);
        return end('schema_violation', named.join('; '), issues);
      }
      case 'number':
        return end('truncated_loop', `a number goes on for ${finding.length} characters`);
      case 'blank': {
        // Repair would close what is open; only an object that is whole as it stands ends the answer well.
        const parsed = parseAnswer(this.text, { repair: false });
        if (parsed.ok && isJsonObject(parsed.value)) return { code: undefined };
        return end('truncated_loop', `the last ${finding.length} characters are white space`);
      }
      default:
        return finding satisfies never;
    }
  }

  #readThought(text: string): EarlyEnd | undefined {
    this.#thoughtsLength += text.length;
    if (this.#maxThoughtTokens === Infinity) return undefined;
    this.#thoughtTokens += this.#countTokens(text);
    if (this.#thoughtTokens <= this.#maxThoughtTokens) return undefined;
    const tokens = Math.round(this.#thoughtTokens);
    return end('truncated_thinking', `about ${tokens} tokens of thoughts, where the budget is ${this.#thinkingBudget}`);
  }
}

function end(
  code: Exclude<EarlyEnd['code'], undefined>,
  reason: string,
  issues: readonly AnswerIssue[] = [],
): EarlyEnd {
  const message = `The answer was stopped while it arrived: ${reason}; ${PROBLEM_TABLE[code].advice}`;
  return { code, message, reason, issues };
}

function quarterOfLength(text: string): number {
  return text.length / 4;
}
