import { isSameJson } from '../../json/same-json.ts';
import type { JsonValue } from '../../json/value.ts';
import { attempt, Budget, BudgetExhausted } from './budget.ts';
import type { ChangeDirection } from '../changes/change-rules.ts';
import { listChanges, type SchemaChange } from '../changes/changes.ts';
import { draftOf, type Draft } from './draft.ts';
import type { Formula } from './formula.ts';
import { FormulaStore } from './formula-store.ts';
import { acceptedByReader, type ReaderModel } from './reader-model.ts';
import { Languages } from './regex/languages.ts';
import { includesByParts } from './property-parts.ts';
import { sampleOf, type Sample } from './sample.ts';
import { SchemaDocument } from './schema-document.ts';
import { SchemaReader } from './read/schema-reader.ts';
import { shrink } from './shrink.ts';
import { Solver, type Solution } from './solve/solver.ts';
import { Validator } from './validate.ts';
import { CannotValidate, type Violation } from './validation/verdict.ts';

export interface CompareOptions {
  /** The dialect of schemas that name none; by default their keywords tell. */
  draft?: Draft;
  /** How the reading side treats unknown properties; default `validator`: a closed schema refuses them. */
  reader?: ReaderModel;
  /**
   * Most steps for the whole comparison: both directions, their witnesses and the list of changes; default 2,000,000. A
   * step takes about a microsecond, and the same schemas always take the same number of them.
   */
  budget?: number;
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
  const { budget = DEFAULT_BUDGET } = options;
  if (!(budget > 0)) throw new RangeError(`Cannot compare schemas: budget must be above 0, got ${budget}`);
  return compareWithin(new Budget(budget), oldSchema, newSchema, options);
}

/** Compares two schemas with a budget whose steps the caller can look at. */
export function compareWithin(
  budget: Budget,
  oldSchema: JsonValue,
  newSchema: JsonValue,
  { reader = 'validator', draft }: Omit<CompareOptions, 'budget'> = {},
): SchemaComparison {
  for (const [name, schema] of Object.entries({ old: oldSchema, new: newSchema })) {
    if (schema === undefined) throw new TypeError(`Cannot compare schemas: the ${name} schema is undefined`);
  }
  const older = sideOf('old', oldSchema, draft);
  const newer = sideOf('new', newSchema, draft);
  const readings = new Readings(budget);
  // Each part leaves something to those after it, and takes what those before it left.
  const backward = budget.allot(0.6, () => decide(older, readerOf(newer, reader), readings, budget));
  const forward = budget.allot(0.85, () => decide(newer, readerOf(older, reader), readings, budget));
  const broken: ChangeDirection[] = [];
  if (backward.verdict !== 'compatible') broken.push('backward');
  if (forward.verdict !== 'compatible') broken.push('forward');
  return { backward, forward, changes: listChanges(older.document, newer.document, broken, budget) };
}

/** Whether it can be shown that no document whatever fits a schema. Of a document that fits nothing more is asked than that it is found. */
export function isEmptySchema(budget: Budget, schema: JsonValue): boolean {
  const [writer, nothing] = [sideOf('given', schema, undefined), sideOf('empty', false, undefined)];
  return attempt(
    () => search(writer, nothing, new Readings(budget), budget).verdict === 'compatible',
    () => false,
  );
}

/** The budget of a comparison, in steps: about two seconds. */
export const DEFAULT_BUDGET = 2_000_000;
/** What making a witness smaller may take, of which most of the time a small part is used. */
const SHRINKING_STEPS = 200_000;
/** The most values of a document that is shown. */
const MAX_WITNESS_SIZE = 20_000;

interface Side {
  /** Which of the two schemas this is, for people. */
  readonly name: string;
  readonly document: SchemaDocument;
}

function sideOf(name: string, schema: JsonValue, draft: Draft | undefined): Side {
  return { name, document: new SchemaDocument(schema, draftOf(schema, draft)) };
}

/** What a reader accepts of a side's documents. */
function readerOf(side: Side, model: ReaderModel): Side {
  if (model === 'validator') return side;
  const { root, draft } = side.document;
  return { ...side, document: new SchemaDocument(acceptedByReader(root, model), draft) };
}

/** The formulas of schemas, each read once for both directions. */
class Readings {
  readonly store: FormulaStore;
  readonly languages: Languages;
  readonly #budget: Budget;
  readonly #known: { readonly document: SchemaDocument; readonly formula: Formula }[] = [];

  constructor(budget: Budget) {
    this.#budget = budget;
    this.store = new FormulaStore(budget);
    this.languages = new Languages(budget);
  }

  of({ name, document }: Side): Formula {
    return attempt(
      () => this.#read(document),
      (why) => {
        throw new BudgetExhausted(`${why}, while the ${name} schema was read`);
      },
    );
  }

  /** Equal schemas are one formula, whatever their references lead to in the world. */
  #read(document: SchemaDocument): Formula {
    const known = this.#known.find(({ document: other }) => other === document || isSameDocument(other, document));
    if (known !== undefined) return known.formula;
    const identity = `${this.#known.length}.`;
    const formula = new SchemaReader(document, identity, this.store, this.languages, this.#budget).read();
    this.#known.push({ document, formula });
    return formula;
  }
}

function isSameDocument(left: SchemaDocument, right: SchemaDocument): boolean {
  return left.draft === right.draft && isSameJson(left.root, right.root);
}

function decide(writer: Side, reader: Side, readings: Readings, budget: Budget): DirectionResult {
  return attempt(
    () => {
      const early = decideLarge(writer, reader, budget);
      if (early !== undefined) return early;
      const found = budget.allot(0.85, () => search(writer, reader, readings, budget));
      if (found.verdict !== undefined) return found;
      return attempt(
        () => confirm(found.solution, writer, reader, budget),
        (why) => unknown([`Undecided: ${why}, with a document of ${found.solution.size} values at hand`]),
      );
    },
    (why) => unknown([`Undecided: ${why}`]),
  );
}

/** What shows early of schemas that have very many properties; nothing follows where nothing does. */
function decideLarge(writer: Side, reader: Side, budget: Budget): DirectionResult | undefined {
  const giveUp = (): undefined => undefined;
  const sample = attempt(
    () => budget.allot(0.1, () => sampleOf(writer.document.root, reader.document.root, budget)),
    giveUp,
  );
  if (sample === undefined) return undefined;
  const sampled = attempt(() => budget.allot(0.2, () => decideBySample(writer, reader, sample, budget)), giveUp);
  return sampled ?? attempt(() => budget.allot(0.6, () => decideByParts(writer, reader, budget)), giveUp);
}

/** Looks for a document in samples of the schemas. */
function decideBySample(writer: Side, reader: Side, sample: Sample, budget: Budget): DirectionResult | undefined {
  const [writes, reads] = [
    { ...writer, document: likeOf(writer, sample.left) },
    { ...reader, document: likeOf(reader, sample.right) },
  ];
  const found = search(writes, reads, new Readings(budget), budget);
  if (found.verdict !== undefined || found.solution.doubts.length > 0) return undefined;
  const confirmation = confirm(found.solution, writer, reader, budget);
  return confirmation.verdict === 'breaking' ? confirmation : undefined;
}

/** Compares property by property, where that is enough. */
function decideByParts(writer: Side, reader: Side, budget: Budget): DirectionResult | undefined {
  if (writer.document.draft !== reader.document.draft) return undefined;
  // A format at the top is read otherwise than one of a property.
  const partOf = (side: Side, part: JsonValue): Side => ({
    ...side,
    document: likeOf(side, { required: ['part'], properties: { part } }),
  });
  const includes = (narrow: JsonValue, wide: JsonValue): boolean =>
    search(partOf(writer, narrow), partOf(reader, wide), new Readings(budget), budget).verdict === 'compatible';
  return includesByParts(writer.document.root, reader.document.root, includes, budget) ? COMPATIBLE : undefined;
}

/** A sample of a side, read in the side's dialect. */
function likeOf({ document }: Side, root: JsonValue): SchemaDocument {
  return new SchemaDocument(root, document.draft);
}

/** A verdict, or a document that is to be confirmed. */
function search(
  writer: Side,
  reader: Side,
  readings: Readings,
  budget: Budget,
): DirectionResult | { readonly verdict?: undefined; readonly solution: Solution } {
  const { store, languages } = readings;
  const goal = store.and([readings.of(writer), store.not(readings.of(reader))]);
  if (goal.kind === 'false') return COMPATIBLE;
  const solution = solve(goal, new Solver(store, languages, budget, 'annotation'));
  if (solution !== undefined) return { solution };
  if (!store.hasFormats) return COMPATIBLE;
  const doubtful = solve(goal, new Solver(store, languages, budget, 'assertion'));
  if (doubtful === undefined) return COMPATIBLE;
  return unknown(
    doubtful.doubts.map(
      (doubt) => `Undecided: ${doubt} stands without a pattern, so readers that check it may refuse what others accept`,
    ),
  );
}

/** The verdict that a document gives which the solver found, once validation has confirmed it. */
function confirm({ value, size, doubts }: Solution, writer: Side, reader: Side, budget: Budget): DirectionResult {
  if (size > MAX_WITNESS_SIZE) throw new BudgetExhausted(`a document of ${size} values is too large to write down`);
  const undecided = doubts.map((doubt) => `Undecided: ${doubt} is not understood well enough for a verdict`);
  const writes = new Validator(writer.document);
  const reads = new Validator(reader.document);
  let violations: readonly Violation[] = [];
  const isWitness = (candidate: JsonValue): boolean => {
    if (!writes.accepts(candidate, budget)) return false;
    const found = reads.violations(candidate, budget);
    if (found.length > 0) violations = found;
    return found.length > 0;
  };
  try {
    if (!isWitness(value)) {
      return unknown(
        undecided.length > 0 ? undecided : ['Undecided: the document found was not confirmed by validation'],
      );
    }
  } catch (error) {
    if (!(error instanceof CannotValidate)) throw error;
    return unknown([...undecided, `Undecided: the schemas cannot be validated against because of ${error.message}`]);
  }
  const witness = budget.allot(1, () => shrink(value, confirmed(isWitness), budget), SHRINKING_STEPS);
  return { verdict: 'breaking', witness, reasons: violations.slice(0, 5).map(inWords) };
}

function solve(goal: Formula, solver: Solver): Solution | undefined {
  return attempt(
    () => solver.solve(goal),
    (why) => {
      throw new BudgetExhausted(solver.place === '' ? why : `${why} at ${solver.place}`);
    },
  );
}

/** The test with "no" for documents that a schema makes no sense of. */
function confirmed(isWitness: (candidate: JsonValue) => boolean): (candidate: JsonValue) => boolean {
  return (candidate) => {
    try {
      return isWitness(candidate);
    } catch (error) {
      if (error instanceof CannotValidate) return false;
      throw error;
    }
  };
}

function inWords({ at, keyword, message }: Violation): string {
  return `${at === '' ? 'The document' : at} ${message} (${keyword})`;
}

const COMPATIBLE: DirectionResult = { verdict: 'compatible', reasons: [] };

function unknown(reasons: readonly string[]): DirectionResult {
  return { verdict: 'unknown', reasons };
}
