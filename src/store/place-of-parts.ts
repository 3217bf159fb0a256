/** Beside the parts of a submitted run: what the run is. */
export const SUBMITTED_FILE = 'fleet.json';

/** Where the parts of a submitted run stand until they are merged: beside the run directory, which is made of them. */
export function placeOfParts(out: string): string {
  return `${out.replace(/\/+$/, '')}.fleet`;
}
