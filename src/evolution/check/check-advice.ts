import type { ChangeDirection } from '../changes/change-rules.ts';
import type { SchemaChange } from '../changes/changes.ts';
import type { CheckReport, CheckedDefinition } from './check.ts';
import { propertyNames } from './check-locate.ts';
import type { CheckedPair } from './check-pair.ts';

/** The changes that may make the failing directions fail. */
export function failingChanges({ changes, failing }: CheckedPair): SchemaChange[] {
  return changes.filter(
    ({ affects, severity }) => severity !== 'prompt' && affects.some((direction) => failing.includes(direction)),
  );
}

export interface Advice {
  /** What together would make the change compatible, one sentence for each place. */
  readonly mend: readonly string[];
  /** What can be done instead, one of them. */
  readonly instead: readonly string[];
}

/** What can be done about a failing pair; undefined where nothing need be done. */
export function adviceFor(definition: CheckedDefinition, pair: CheckedPair, report: CheckReport): Advice | undefined {
  if (pair.verdict !== 'breaking' && pair.verdict !== 'unknown') return undefined;
  const { content, reference, locked } = definition.candidate;
  const changes = failingChanges(pair);
  // A rename is told once, where the old name goes.
  const mend = changes
    .filter(({ renamedFrom }) => renamedFrom === undefined)
    .map((change) => mendOf(change, pair.failing));
  if (pair.weakened !== undefined) mend.unshift(`Set the definition's compatibility to ${pair.weakened.from} again`);
  for (const { kind, path, change } of pair.refusedUnseen) {
    const what = `the ${kind} at ${path === '' ? 'the root' : path}`;
    mend.unshift(
      change === 'new' ? `Leave out ${what}, or say what it demands in the schema` : `Keep ${what} as it was`,
    );
  }
  if (pair.verdict === 'unknown') mend.unshift('Write what could not be decided, named above, in a simpler way');
  // Two files that are compared have no results and no place for acceptances.
  if (locked === null) return { mend: unique(mend), instead: [] };
  const against = report.againstOption === 'snapshots' ? '' : ` --against ${report.againstOption}`;
  const unseen = pair.refusedUnseen.length === 0 ? '' : ' --unseen fail';
  const instead = [
    `Accept the change, if nobody depends on the old schema any more: gleaner schema accept ${reference}${against}${unseen} --reason "..."`,
    `Give the new schema a new name, such as ${nextName(content.name)}, and leave ${content.name} and its results as they are`,
  ];
  if (pair.failing.includes('backward') || pair.refusedUnseen.length > 0) {
    instead.unshift(
      `Look whether stored results are affected at all: gleaner schema replay ${reference} <results.jsonl>`,
    );
  }
  return { mend: unique(mend), instead };
}

function unique(sentences: readonly string[]): string[] {
  return [...new Set(sentences)];
}

/** Says what would make one change compatible. */
export function mendOf(change: SchemaChange, failing: readonly ChangeDirection[]): string {
  const { rule, pointer, affects, renamedTo } = change;
  const place = propertyNames(pointer).join('.') || 'the whole document';
  if (renamedTo !== undefined) {
    return `${place} looks renamed to ${renamedTo}, but stored results keep the old name: keep ${place}, or have both for a while, each optional`;
  }
  if (affects.includes('backward') && failing.includes('backward')) {
    switch (rule) {
      case 'required-property-added':
      case 'property-became-required':
        return `Make ${place} optional with .optional(), as stored results may lack it`;
      case 'property-removed':
      case 'required-property-removed':
        return `Keep ${place}, with .optional(), as long as stored results have it`;
      case 'enum-value-removed':
      case 'union-option-removed':
        return `Keep what was taken away at ${place}, as stored results may have it`;
      default:
        return `Allow at ${place} what was allowed before`;
    }
  }
  switch (rule) {
    case 'property-became-optional':
    case 'required-property-removed':
      return `Keep ${place} required, as readers with the old schema rely on it`;
    default:
      return `Allow at ${place} no more than before, until its readers have the new schema`;
  }
}

function nextName(name: string): string {
  const [, stem, digits] = /^(.*)-v(\d+)$/.exec(name) ?? [];
  return stem === undefined || digits === undefined ? `${name}-v2` : `${stem}-v${Number(digits) + 1}`;
}
