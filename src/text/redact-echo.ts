import { eachLetter } from './letters.ts';

/** Letters and digits in a row that are taken for an echo; shorter matches are ordinary words. */
const WINDOW = 10;
/** Whole values of a record are looked for from this length on, where they stand as words of their own. */
const SHORTEST_VALUE = 5;
const MOST_VALUES = 1000;
/** More text is not looked through, which would hold up everything else: so much takes a tenth of a second. */
const MOST_TEXT = 2_000_000;

const MASK = '[…]';
const FACTOR = 31;
/** What the oldest letter of a window weighs. */
const OLDEST = weightOfOldest();

export interface EchoSources {
  /** Texts that must not be repeated, be it in part. */
  texts: readonly string[];
  /** Short values that must not be repeated as a whole. */
  values?: readonly string[];
}

/**
 * A message without what it repeats of some texts: stretches of at least ten letters and digits, whatever has become of white
 * space, signs, case and escapes between them. Linear in the length of message and texts; where there is too much
 * text to look through, of the message nothing is left but how it begins.
 */
export function redactEcho(message: string, { texts, values = [] }: EchoSources): string {
  if (texts.reduce((sum, text) => sum + text.length, 0) > MOST_TEXT) {
    return `${/^HTTP \d{3}(?: [A-Z_]+)?/.exec(message)?.[0] ?? ''} ${MASK}`.trim();
  }
  const letters = lettersOf(message);
  const isEchoed = new Uint8Array(message.length);
  const windows = windowsOf(letters.units);
  if (windows.size > 0) for (const text of texts) markEchoed(text, windows, letters, isEchoed);
  for (const value of values.slice(0, MOST_VALUES)) markValue(value, letters, isEchoed);
  return masked(message, isEchoed);
}

interface Letters {
  units: number[];
  starts: number[];
  ends: number[];
}

function lettersOf(text: string): Letters {
  const letters: Letters = { units: [], starts: [], ends: [] };
  eachLetter(text, (unit, start, end) => {
    letters.units.push(unit);
    letters.starts.push(start);
    letters.ends.push(end);
  });
  return letters;
}

/** The places of every window by its hash. */
function windowsOf(units: readonly number[]): Map<number, number[]> {
  const windows = new Map<number, number[]>();
  let hash = 0;
  for (let at = 0; at < units.length; at += 1) {
    hash = roll(hash, units[at] ?? 0, at < WINDOW ? 0 : (units[at - WINDOW] ?? 0));
    if (at < WINDOW - 1) continue;
    const places = windows.get(hash);
    if (places === undefined) windows.set(hash, [at - WINDOW + 1]);
    else places.push(at - WINDOW + 1);
  }
  return windows;
}

/** Two windows of one hash are taken for the same: at worst, a stretch too much is masked. */
function markEchoed(
  text: string,
  windows: ReadonlyMap<number, readonly number[]>,
  letters: Letters,
  isEchoed: Uint8Array,
): void {
  const last = new Uint16Array(WINDOW);
  const mayBe = new Uint8Array(65_536);
  for (const hash of windows.keys()) mayBe[hash & 0xff_ff] = 1;
  const found = new Set<number>();
  let hash = 0;
  let count = 0;
  eachLetter(text, (unit) => {
    const slot = count % WINDOW;
    hash = roll(hash, unit, last[slot] ?? 0);
    last[slot] = unit;
    count += 1;
    if (mayBe[hash & 0xff_ff] === 1 && count >= WINDOW) found.add(hash);
  });
  for (const one of found) for (const at of windows.get(one) ?? []) mark(letters, at, at + WINDOW, isEchoed);
}

function markValue(value: string, letters: Letters, isEchoed: Uint8Array): void {
  const { units } = lettersOf(value.slice(0, 4 * WINDOW));
  if (units.length < SHORTEST_VALUE || units.length >= WINDOW) return;
  for (let at = 0; at + units.length <= letters.units.length; at += 1) {
    if (!units.every((unit, index) => letters.units[at + index] === unit)) continue;
    const end = at + units.length;
    // A part of a word is no value.
    const beginsWord = at === 0 || letters.ends[at - 1] !== letters.starts[at];
    const endsWord = end === letters.units.length || letters.ends[end - 1] !== letters.starts[end];
    if (beginsWord && endsWord) mark(letters, at, end, isEchoed);
  }
}

function mark({ starts, ends }: Letters, from: number, to: number, isEchoed: Uint8Array): void {
  isEchoed.fill(1, starts[from], ends[to - 1]);
}

function masked(message: string, isEchoed: Uint8Array): string {
  let safe = '';
  for (let at = 0; at < message.length; at += 1) {
    if (isEchoed[at] === 0) safe += message[at];
    else if (at === 0 || isEchoed[at - 1] === 0) safe += MASK;
  }
  return safe;
}

function roll(hash: number, added: number, removed: number): number {
  return (Math.imul(hash - Math.imul(removed, OLDEST), FACTOR) + added) | 0;
}

function weightOfOldest(): number {
  let weight = 1;
  for (let power = 1; power < WINDOW; power += 1) weight = Math.imul(weight, FACTOR);
  return weight;
}
