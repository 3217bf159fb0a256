import { canonicalJson } from '../../json/canonical.ts';
import type { JsonValue } from '../../json/value.ts';
import { Budget, BudgetExhausted } from './budget.ts';
import type { ChangeDirection } from '../changes/change-rules.ts';
import { listChanges, type SchemaChange } from '../changes/changes.ts';
import { draftOf, type Draft } from './draft.ts';
import { FormulaStore, type Formula } from './formula.ts';
import { acceptedByReader, type ReaderModel } from './reader-model.ts';
import { Languages } from './regex/languages.ts';
import { SchemaDocument } from './schema-document.ts';
import { SchemaReader } from './schema-reader.ts';
import { shrink } from './shrink.ts';
import { Solver } from './solve/solver.ts';
import { CannotValidate, Validator } from './validate.ts';

export interface CompareOptions {
  /** The dialect of schemas that name none; by default their keywords tell. */
  draft?: Draft;
  /** How the reading side treats unknown properties; default `validator`: a closed schema refuses them. */
  reader?: ReaderModel;
  /** Most milliseconds for the whole comparison; default 1000. */
  budgetMs?: number;
  /** Most steps for each direction, for results that do not depend on the machine; default 1,000,000. */
  maxSteps?: number;
}

export type Verdict = 'compatible' | 'breaking' | 'unknown';

/** Whether every document of the writing side is read by the reading side. */
export interface DirectionResult {
  readonly verdict: Verdict;
  /** For `breaking` one document that the writing side allows and the reading side refuses. */
  readonly witness?: JsonValue;
  /** For `breaking` what refuses the witness, for `unknown` what could not be decided; sentences for people. */
  readonly reasons: readonly string[];
}

export interface SchemaComparison {
  /** Yesterday's documents under the new schema. */
  readonly backward: DirectionResult;
  /** Tomorrow's documents under the old schema. */
  readonly forward: DirectionResult;
  readonly changes: readonly SchemaChange[];
}

/**
 * Compares two JSON Schemas as sets of documents. `compatible` rests on a proof, `breaking` on a document that was
 * validated against both schemas as given; everything else is `unknown` and says why.
 *
 * @example
 * compareSchemas({ type: 'integer' }, { type: 'number' }).backward.verdict; // 'compatible'
 */
export function compareSchemas(
  oldSchema: JsonValue,
  newSchema: JsonValue,
  options: CompareOptions = {},
): SchemaComparison {
  const { reader = 'validator', budgetMs = 1_000, maxSteps = 1_000_000, draft } = options;
  if (!(budgetMs > 0)) throw new RangeError(`Cannot compare schemas: budgetMs must be above 0, got ${budgetMs}`);
  if (!(maxSteps > 0)) throw new RangeError(`Cannot compare schemas: maxSteps must be above 0, got ${maxSteps}`);
  for (const [name, schema] of Object.entries({ old: oldSchema, new: newSchema })) {
    if (schema === undefined) throw new TypeError(`Cannot compare schemas: the ${name} schema is undefined`);
  }
  const older = { schema: oldSchema, draft: draftOf(oldSchema, draft) };
  const newer = { schema: newSchema, draft: draftOf(newSchema, draft) };
  const start = performance.now();
  const backward = decide(older, newer, reader, new Budget(budgetMs / 2, maxSteps, budgetMs));
  const rest = Math.max(1, budgetMs - (performance.now() - start));
  const forward = decide(newer, older, reader, new Budget(rest, maxSteps, budgetMs));
  const broken: ChangeDirection[] = [];
  if (backward.verdict !== 'compatible') broken.push('backward');
  if (forward.verdict !== 'compatible') broken.push('forward');
  return { backward, forward, changes: changesBetween(older, newer, broken) };
}

interface Side {
  readonly schema: JsonValue;
  readonly draft: Draft;
}

/** Schemas nested too deeply for a walk have no list of changes; their verdicts are unknown anyway. */
function changesBetween(older: Side, newer: Side, broken: readonly ChangeDirection[]): SchemaChange[] {
  try {
    return listChanges(older, newer, broken);
  } catch (error) {
    if (isStackOverflow(error)) return [];
    throw error;
  }
}

function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}

function decide(writer: Side, given: Side, model: ReaderModel, budget: Budget): DirectionResult {
  try {
    const reader = { ...given, schema: acceptedByReader(given.schema, model) };
    return new Direction(writer, reader, budget).result();
  } catch (error) {
    if (error instanceof BudgetExhausted) return unknown([`Undecided: ${error.message}`]);
    if (isStackOverflow(error)) return unknown(['Undecided: the schemas are nested too deeply']);
    throw error;
  }
}

class Direction {
  readonly #writer: Side;
  readonly #reader: Side;
  readonly #budget: Budget;
  readonly #store = new FormulaStore();
  readonly #languages = new Languages();

  constructor(writer: Side, reader: Side, budget: Budget) {
    this.#writer = writer;
    this.#reader = reader;
    this.#budget = budget;
  }

  result(): DirectionResult {
    const isSame =
      this.#writer.draft === this.#reader.draft &&
      canonicalJson(this.#writer.schema) === canonicalJson(this.#reader.schema);
    const written = this.#read(this.#writer, 'writer');
    const goal = this.#store.and([written, this.#store.not(isSame ? written : this.#read(this.#reader, 'reader'))]);
    if (goal.kind === 'false') return { verdict: 'compatible', reasons: [] };
    const solution = new Solver(this.#store, this.#languages, this.#budget, 'annotation').solve(goal);
    if (solution !== undefined) return this.#confirm(solution.value, solution.doubts);
    if (!this.#store.hasFormats) return { verdict: 'compatible', reasons: [] };
    const doubtful = new Solver(this.#store, this.#languages, this.#budget, 'assertion').solve(goal);
    if (doubtful === undefined) return { verdict: 'compatible', reasons: [] };
    return unknown(
      doubtful.doubts.map(
        (doubt) =>
          `Undecided: ${doubt} stands without a pattern, so readers that check it may refuse what others accept`,
      ),
    );
  }

  #read(side: Side, name: string): Formula {
    return new SchemaReader(new SchemaDocument(side.schema, side.draft), name, this.#store, this.#languages).read();
  }

  #confirm(witness: JsonValue, doubts: readonly string[]): DirectionResult {
    const undecided = doubts.map((doubt) => `Undecided: ${doubt} is not understood well enough for a verdict`);
    try {
      const writes = new Validator(this.#writer.schema, this.#writer.draft);
      const reads = new Validator(this.#reader.schema, this.#reader.draft);
      const isWitness = (candidate: JsonValue): boolean => writes.accepts(candidate) && !reads.accepts(candidate);
      if (!isWitness(witness)) {
        return unknown(
          undecided.length > 0 ? undecided : ['Undecided: the document found was not confirmed by validation'],
        );
      }
      const smallest = shrink(witness, (candidate) => isConfirmed(candidate, isWitness));
      return { verdict: 'breaking', witness: smallest, reasons: refusalsOf(reads, smallest) };
    } catch (error) {
      if (!(error instanceof CannotValidate)) throw error;
      return unknown([...undecided, `Undecided: the schemas cannot be validated against because of ${error.message}`]);
    }
  }
}

function isConfirmed(candidate: JsonValue, isWitness: (candidate: JsonValue) => boolean): boolean {
  try {
    return isWitness(candidate);
  } catch (error) {
    if (error instanceof CannotValidate) return false;
    throw error;
  }
}

function refusalsOf(reads: Validator, witness: JsonValue): string[] {
  return reads
    .violations(witness)
    .slice(0, 5)
    .map(({ at, keyword, message }) => `${at === '' ? 'The document' : at} ${message} (${keyword})`);
}

function unknown(reasons: readonly string[]): DirectionResult {
  return { verdict: 'unknown', reasons };
}
