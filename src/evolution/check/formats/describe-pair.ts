import type { JsonValue } from '../../../json/value.ts';
import type { ChangeDirection } from '../../changes/change-rules.ts';
import type { SchemaChange } from '../../changes/changes.ts';
import type { Advice } from '../check-advice.ts';
import type { CheckedDefinition, CheckReport } from '../check.ts';
import type { CheckedPair } from '../check-pair.ts';
import type { ReaderModel } from '../../engine/reader-model.ts';
import type { RemovedDefinition } from '../removed-definition.ts';

/** Longer values are cut: a schema in a message helps nobody. */
const LONGEST_VALUE = 120;

/** Who breaks, in one sentence that needs no knowledge of the tool. */
export function whoBreaks(pair: CheckedPair, direction: ChangeDirection, reader: ReaderModel): string {
  const by = reader === 'zod' ? ' read with zod' : '';
  if (pair[direction].verdict === 'unknown') {
    return direction === 'backward'
      ? `It could not be decided whether results stored under the old schema are valid under the new one${by}`
      : `It could not be decided whether new results are valid under the old schema${by}`;
  }
  return direction === 'backward'
    ? `Results that were valid under the old schema are refused by the new one${by}: programs with the new schema cannot read what is stored`
    : `Results that are valid under the new schema are refused by the old one${by}: programs with the old schema cannot read what comes next`;
}

/** What the witness is. */
export function aboutWitness(direction: ChangeDirection): string {
  return direction === 'backward'
    ? 'This document was valid and is refused now'
    : 'This document is valid now, and readers with the old schema refuse it';
}

export function describeChange(change: SchemaChange): string {
  const { rule, pointer, text, before, after, renamedTo, renamedFrom } = change;
  const values =
    before !== undefined && after !== undefined
      ? `: ${shortJson(before)} became ${shortJson(after)}`
      : before !== undefined
        ? `: ${shortJson(before)}`
        : after !== undefined
          ? `: ${shortJson(after)}`
          : '';
  const rename =
    renamedTo !== undefined
      ? ` (renamed to ${renamedTo}?)`
      : renamedFrom !== undefined
        ? ` (renamed from ${renamedFrom}?)`
        : '';
  return `${pointer === '' ? '/' : pointer} ${rule}: ${text}${values}${rename}`;
}

export function shortJson(value: JsonValue, longest = LONGEST_VALUE): string {
  const text = JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}...` : text;
}

/** The verdict over all definitions, in one line. */
export function summaryLine(report: CheckReport): string {
  const { definitions, against, removed, unloaded } = report;
  const gone = removed.filter(({ acceptance }) => acceptance === undefined).length;
  const counts = (['breaking', 'unknown', 'accepted', 'compatible', 'unchecked', 'new'] as const)
    .map((verdict) => [verdict, definitions.filter((definition) => definition.verdict === verdict).length] as const)
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${count} ${verdict}`);
  if (gone > 0) counts.push(`${gone} removed`);
  if (unloaded.length > 0) counts.push(`${unloaded.length} not checked`);
  const noun = definitions.length === 1 ? 'definition' : 'definitions';
  return `${definitions.length} ${noun} against ${against}: ${counts.join(', ') || 'nothing to check'}`;
}

/** Advice as plain lines. */
export function adviceLines(advice: Advice | undefined): string[] {
  if (advice === undefined) return [];
  return [
    ...advice.mend.map((sentence) => `To stay compatible: ${sentence}`),
    ...advice.instead.map((sentence) => `Or: ${sentence}`),
  ];
}

/** What a reader should know beside the verdict, as sentences. */
export function notesOf({ candidate, lock, zods, stale, pairs, verdict, remarks }: CheckedDefinition): string[] {
  const notes: string[] = [];
  if (verdict === 'new') notes.push('There is no older schema to compare with');
  notes.push(...remarks);
  if (lock === 'rewritten') {
    const versions = zods === undefined ? '' : ` (from ${zods.before} to ${zods.now})`;
    notes.push(
      `zod changed${versions}, not the definition: it writes the schema in other words than the newest snapshot, which still holds; gleaner schema lock ${candidate.reference} takes the new words down`,
    );
  }
  if (lock === 'outdated') {
    notes.push(
      `The newest snapshot is not this definition${zods === undefined ? '' : ` (and is read with ${zods.now} now, was with ${zods.before})`}: run gleaner schema lock ${candidate.reference} once the change is settled`,
    );
  }
  if (pairs.some((pair) => pair.isPromptChanged)) {
    notes.push('Instructions or prompt changed: answers may change, although no schema shows it');
  }
  const changed = pairs.flatMap((pair) => pair.unseenChanges);
  for (const [change, what] of [
    ['new', 'is new here'],
    ['edited', 'was edited here'],
    ['gone', 'is gone here'],
  ] as const) {
    const names = [...new Set(changed.filter((one) => one.change === change).map(nameUnseen))];
    if (names.length === 0) continue;
    notes.push(
      `The schema does not show what ${what}: ${names.join(', ')}; check stored results with gleaner schema replay ${candidate.reference} <results.jsonl>`,
    );
  }
  if (changed.length === 0 && candidate.content.unseen.length > 0) {
    notes.push(
      `The verdict leaves out what no schema shows: ${candidate.content.unseen.map(nameUnseen).join(', ')}; gleaner schema replay checks stored results with it`,
    );
  }
  for (const { path } of stale) {
    notes.push(
      `The acceptance ${path} is stale: it holds between other schemas than these; delete it, unless another baseline needs it`,
    );
  }
  return notes;
}

function nameUnseen({ kind, path }: { kind: string; path: string }): string {
  return `${kind} at ${path === '' ? 'the root' : path}`;
}

/** What fails although no document is refused: the check would see less from now on. */
export function describePolicy({ weakened, refusedUnseen }: CheckedPair): string[] {
  const became = { new: 'is new', edited: 'was edited', gone: 'is gone' } as const;
  const sentences = refusedUnseen.map(
    (unseen) => `The ${nameUnseen(unseen)} ${became[unseen.change]}, and no schema shows what it refuses or changes`,
  );
  if (weakened === undefined) return sentences;
  return [
    `The definition's compatibility became ${weakened.to} where the baseline demands ${weakened.from}: what breaks from now on would pass`,
    ...sentences,
  ];
}

/** What the removal of a definition means, and what can be done. */
export function describeRemoval(
  { name, acceptance, renamedTo, baseline }: RemovedDefinition,
  { againstOption }: CheckReport,
): string {
  const what = renamedTo === undefined ? 'was removed' : `was renamed to ${renamedTo}, as it seems`;
  if (acceptance !== undefined)
    return `${name} ${what}, which was accepted on ${acceptance.date}: ${acceptance.reason}`;
  const against = againstOption === 'snapshots' ? '' : ` --against ${againstOption}`;
  const back =
    renamedTo === undefined
      ? 'Bring it back'
      : `Rename its folder of snapshots as well (git mv), so that ${renamedTo} is compared with what ${name} was`;
  return (
    `${name} ${what}: the baseline has it (${baseline.label}), and no definition does, which leaves readers of its results without a schema. ` +
    `${back}, or accept it, if nobody depends on it any more: gleaner schema accept ${name} --removed${against} --reason "..."`
  );
}

/** What was found beside the definitions. */
export function reportNotes(report: CheckReport): string[] {
  const { removed, definitions, remarks = [] } = report;
  const accepted = removed.filter(({ acceptance }) => acceptance !== undefined);
  const notes = [...remarks, ...accepted.map((removal) => describeRemoval(removal, report))];
  const unlocked = definitions.filter(({ lock }) => lock === 'missing').map(({ candidate }) => candidate);
  const [only] = unlocked;
  if (only !== undefined) {
    const names = nameSome(unlocked.map(({ content }) => content.name));
    const command = unlocked.length === 1 ? `gleaner schema lock ${only.reference}` : 'gleaner schema lock';
    notes.push(`No snapshot was taken yet of ${names}: run ${command}, and commit what it writes`);
  }
  return notes;
}

/** The first names of a list, and how many there are besides. */
export function nameSome(names: readonly string[], most = 10): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

/** The definitions that are gone, and nobody has said that they may be. */
export function removalsOf({ removed }: CheckReport): RemovedDefinition[] {
  return removed.filter(({ acceptance }) => acceptance === undefined);
}
