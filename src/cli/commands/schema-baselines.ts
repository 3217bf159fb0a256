import { dirname } from 'node:path';
import type { Baseline } from '../../evolution/check/baseline-schema.ts';
import { readBaseline } from '../../evolution/check/baseline.ts';
import { GleanerError } from '../../gleaner-error.ts';
import type { Candidate, Candidates } from './schema-candidates.ts';
import type { GateSettings } from './schema-gate-settings.ts';

interface FoundBaseline {
  readonly baseline: Baseline;
  /** Where the baseline had the snapshots of definitions for which another place is named now, by their names. */
  readonly movedFrom: ReadonlyMap<string, string>;
}

/** The baseline of each place where snapshots of these definitions lie, or may have lain. */
export async function readBaselines(
  candidates: readonly Candidate[],
  { against, isWhole, gate }: { against: string; isWhole: boolean; gate: GateSettings },
): Promise<FoundBaseline> {
  const options = { cwd: process.cwd(), which: gate.isTransitive ? 'all' : 'latest' } as const;
  const names = candidates.map(({ content }) => content.name);
  const baseline = await readBaseline(against, { ...options, snapshots: gate.place, names, withOthers: isWhole });
  const schemas = new Map(baseline.schemas);
  const others = new Map(baseline.others);
  const isMissing = (name: string): boolean => (schemas.get(name) ?? []).length === 0;
  const elsewhere = new Map<string, string[]>();
  for (const { content, folder } of candidates) {
    const root = dirname(folder);
    if (root === gate.place || !isMissing(content.name)) continue;
    elsewhere.set(root, [...(elsewhere.get(root) ?? []), content.name]);
  }
  for (const [snapshots, some] of elsewhere) {
    const beside = await readBaseline(against, { ...options, snapshots, names: some });
    for (const name of some) schemas.set(name, beside.schemas.get(name) ?? []);
  }
  const movedFrom = new Map<string, string>();
  for (const snapshots of gate.formerPlaces) {
    const before = await readBaseline(against, { ...options, snapshots, names, withOthers: isWhole });
    for (const [name, found] of before.schemas) {
      if (found.length === 0 || !isMissing(name)) continue;
      schemas.set(name, found);
      movedFrom.set(name, snapshots);
    }
    for (const [name, newest] of before.others) if (!others.has(name)) others.set(name, newest);
  }
  return { baseline: { ...baseline, schemas, others }, movedFrom };
}

/** Parts the definitions whose history would end here, as no snapshot of them lies where snapshots are looked for now. */
export function withoutLost(
  loaded: readonly Candidate[],
  { movedFrom, place }: { movedFrom: ReadonlyMap<string, string>; place: string },
): Candidates {
  const isLost = ({ content, locked }: Candidate): boolean =>
    movedFrom.has(content.name) && (locked === undefined || locked === null);
  const unloaded = loaded.filter(isLost).map(({ content: { name }, reference, file }) => {
    const before = movedFrom.get(name) ?? '';
    const error = new GleanerError(
      'baseline-unreadable',
      `Cannot go on with the history of ${name}: the baseline has its snapshots in ${before}, and ${place}, where they are looked for now, has none of them; move them there with git mv ${before}/${name} ${place}/${name}, or name the folder as it was`,
    );
    return { reference, file, message: error.message, error };
  });
  return { candidates: loaded.filter((one) => !isLost(one)), unloaded };
}
