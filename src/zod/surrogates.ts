import type { AST } from '@eslint-community/regexpp';

const [FIRST, LAST] = [0xd800, 0xdfff];

/** Whether a code unit is half of a character beyond 16 bits. */
export function isSurrogate(value: number): boolean {
  return value >= FIRST && value <= LAST;
}

/** The character of two elements that are its halves, as a pattern without the `u` flag has it. */
export function pairOf(first: AST.Element | undefined, second: AST.Element | undefined): number | undefined {
  if (first?.type !== 'Character' || second?.type !== 'Character') return undefined;
  const [high, low] = [first.value, second.value];
  if (high < FIRST || high > 0xdbff || low < 0xdc00 || low > LAST) return undefined;
  return (high - FIRST) * 0x400 + (low - 0xdc00) + 0x10000;
}

/** How many of the surrogates are among the members of a class, whether it is negated or not. */
export function surrogatesOf({ elements }: AST.CharacterClass): 'none' | 'some' | 'all' {
  const found = new Uint8Array(LAST - FIRST + 1);
  for (const member of elements) {
    if (member.type === 'Character' && isSurrogate(member.value)) found[member.value - FIRST] = 1;
    if (member.type === 'CharacterClassRange') {
      const [from, to] = [Math.max(member.min.value, FIRST), Math.min(member.max.value, LAST)];
      if (from <= to) found.fill(1, from - FIRST, to - FIRST + 1);
    }
    if (isBroadSet(member)) return 'all';
  }
  const count = found.reduce((sum, one) => sum + one, 0);
  if (count === 0) return 'none';
  return count === found.length ? 'all' : 'some';
}

/** Whether it is `\D`, `\S` or `\W`, which have all halves, and all that is beyond 16 bits. */
export function isBroadSet(member: AST.CharacterClassElement | AST.Element): boolean {
  return member.type === 'CharacterSet' && member.kind !== 'property' && member.kind !== 'any' && member.negate;
}
