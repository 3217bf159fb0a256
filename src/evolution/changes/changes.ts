import { createHash } from 'node:crypto';
import { canonicalJson } from '../../json/canonical.ts';
import type { JsonValue } from '../../json/value.ts';
import { changeRules, NO_EFFECT, PROMPT_RULES, type ChangeDirection, type ChangeRule } from './change-rules.ts';
import { attempt, type Budget } from '../engine/budget.ts';
import { hintRenames } from './renames.ts';
import { editsBetween } from './schema-edits.ts';
import type { Edit } from './walk.ts';
import type { SchemaDocument } from '../engine/schema-document.ts';

/** One edit, as a person would list it. The verdicts do not rest on these: they only explain. */
export interface SchemaChange {
  readonly rule: ChangeRule;
  /**
   * JSON pointer to the edited place in the new schema (in the old one for what was removed), read through references,
   * so that it stays the same when a definition is moved into `$defs`.
   */
  readonly pointer: string;
  /** The directions that this edit can break. */
  readonly affects: readonly ChangeDirection[];
  /** `breaking`: it affects a direction that is not compatible; `prompt`: it changes what the model is told, not the documents. */
  readonly severity: 'breaking' | 'compatible' | 'prompt';
  /** Twelve hexadecimal digits that stay the same as long as rule, place and values do. */
  readonly fingerprint: string;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
  /** The name that a removed property seems to have now, or that an added one seems to have had. */
  readonly renamedTo?: string;
  readonly renamedFrom?: string;
  readonly text: string;
}

/**
 * Lists the edits between two schemas; `broken` are the directions whose verdict is not `compatible`. Where the budget
 * runs out, the last edit says so.
 */
export function listChanges(
  older: SchemaDocument,
  newer: SchemaDocument,
  broken: readonly ChangeDirection[],
  budget: Budget,
): SchemaChange[] {
  const edits = blamed(editsBetween(older, newer, budget), broken);
  const renames = hintRenames(edits, budget);
  const describe = (edit: Edit): SchemaChange => {
    const pointer = edit.path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
    const { rule, affects, before, after } = edit;
    const isBreaking = affects.some((direction) => broken.includes(direction));
    return {
      rule,
      pointer,
      affects,
      severity: PROMPT_RULES.has(rule) ? 'prompt' : isBreaking ? 'breaking' : 'compatible',
      fingerprint: fingerprintOf(rule, pointer, before, after),
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      ...renames.get(edit),
      text: changeRules[rule].text,
    };
  };
  // Values that nest too deeply to be written down are left out.
  return edits.map((edit) =>
    attempt(
      () => describe(edit),
      () => describe({ ...edit, before: undefined, after: undefined }),
    ),
  );
}

/**
 * The edits, such that each broken direction is affected by one at least. What an edit does depends on all that stands
 * around it, of which its rule knows a part; where no rule explains a break, each edit may.
 */
function blamed(edits: readonly Edit[], broken: readonly ChangeDirection[]): readonly Edit[] {
  const unexplained = broken.filter((direction) => !edits.some(({ affects }) => affects.includes(direction)));
  if (unexplained.length === 0) return edits;
  return edits.map((edit) =>
    NO_EFFECT.has(edit.rule) ? edit : { ...edit, affects: [...new Set([...edit.affects, ...unexplained])].sort() },
  );
}

function fingerprintOf(
  rule: string,
  pointer: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): string {
  const hasOrder = [before, after].some((value) => typeof value === 'object' && value !== null);
  const textOf = hasOrder ? canonicalJson : JSON.stringify;
  const text = textOf([rule, pointer, before === undefined ? [] : [before], after === undefined ? [] : [after]]);
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
