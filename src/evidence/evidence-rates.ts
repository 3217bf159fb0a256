import type { Evidence, EvidenceMatch } from './evidence.ts';
import { fieldOfPointer } from '../json/pointer.ts';
import { isJsonObject } from '../json/value.ts';

/** How the values of one field were found: `values` of them, each counted under one kind of match. */
export type FieldEvidence = { values: number } & Record<EvidenceMatch, number>;

/** What profile.json says of evidence. */
export interface EvidenceRates {
  /** Results that were looked at. */
  results: number;
  /** By field, as people write it: `items[].price`. */
  fields: Record<string, FieldEvidence>;
}

/** The rates that a profile.json holds; undefined where evidence was not looked for. */
export function ratesIn(profile: unknown): EvidenceRates | undefined {
  const rates = isJsonObject(profile) ? profile['evidence'] : undefined;
  return isJsonObject(rates) && isJsonObject(rates['fields']) ? (rates as unknown as EvidenceRates) : undefined;
}

const MAX_FIELDS = 200;

/** Counts evidence by field, in constant memory. */
export class EvidenceTally {
  #results = 0;
  readonly #fields = new Map<string, FieldEvidence>();

  add(evidence: readonly Evidence[]): void {
    this.#results += 1;
    for (const { path, match } of evidence) {
      const field = this.#field(fieldOfPointer(path));
      if (field === undefined) continue;
      field.values += 1;
      field[match] += 1;
    }
  }

  rates(): EvidenceRates {
    return { results: this.#results, fields: Object.fromEntries(this.#fields) };
  }

  #field(name: string): FieldEvidence | undefined {
    const known = this.#fields.get(name);
    if (known !== undefined || this.#fields.size >= MAX_FIELDS) return known;
    const field = { values: 0, exact: 0, normalized: 0, value: 0, ambiguous: 0, fuzzy: 0, none: 0 };
    this.#fields.set(name, field);
    return field;
  }
}
