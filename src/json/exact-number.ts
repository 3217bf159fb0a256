/** No number with fewer digits and no exponent can be changed by becoming a double. */
export const MOST_SAFE_DIGITS = 15;

/**
 * Whether a double holds a number of JSON text exactly as far as it can be written again: every digit of it comes back,
 * trailing zeros and the form of the exponent aside.
 */
export function isExactNumber(literal: string): boolean {
  const value = Number(literal);
  if (!Number.isFinite(value)) return false;
  const wanted = normalForm(literal);
  const kept = normalForm(String(value));
  return wanted.digits === kept.digits && wanted.exponent === kept.exponent;
}

/** Digits without zeros at either end, and the power of ten that the last of them counts. */
function normalForm(literal: string): { digits: string; exponent: number } {
  const [mantissa = '', power = '0'] = literal.replace('-', literal.startsWith('-') ? '' : '-').split(/e/i);
  const [whole = '', fraction = ''] = mantissa.split('.');
  const all = `${whole}${fraction}`;
  const digits = all.replace(/^0+/, '');
  const significant = trimZeros(digits);
  if (significant === '') return { digits: '', exponent: 0 };
  return { digits: significant, exponent: Number(power) - fraction.length + (digits.length - significant.length) };
}

/** A loop, as `0+$` is quadratic on zeros inside. */
function trimZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === 0x30) end -= 1;
  return digits.slice(0, end);
}
