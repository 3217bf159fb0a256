/** Beside the parts of a submitted run: what the run is. */
export const SUBMITTED_FILE = 'fleet.json';

const ENDING = '.fleet';

/** Where the parts of a submitted run stand until they are merged: beside the run directory, which is made of them. */
export function placeOfParts(out: string): string {
  return `${out.replace(/\/+$/, '')}${ENDING}`;
}

/** Whether a place has the name of one where parts stand. */
export function isPlaceOfParts(place: string): boolean {
  return place.endsWith(ENDING);
}
