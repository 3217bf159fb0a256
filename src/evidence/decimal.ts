/**
 * A number without its sign as text in one form, `1234.5`: no leading zeros, no zeros at the end of its fraction. Two numbers are equal
 * if their texts are, however many digits they have.
 */
export function decimalOf(whole: string, fraction = ''): string {
  const integer = whole.replace(/^0+(?=\d)/, '');
  const rest = fraction.replace(/0+$/, '');
  return rest === '' ? integer || '0' : `${integer || '0'}.${rest}`;
}

/** The form of a number of JSON; undefined where it is none that people write in digits. */
export function decimalOfNumber(value: number): string | undefined {
  const parts = /^-?(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value));
  if (parts === null) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = parts;
  return shifted(whole, fraction, Number(exponent));
}

/** The same digits with the point moved to the right. */
export function shifted(whole: string, fraction: string, places: number): string {
  if (places === 0) return decimalOf(whole, fraction);
  if (places > 0) {
    const digits = fraction.padEnd(places, '0');
    return decimalOf(whole + digits.slice(0, places), digits.slice(places));
  }
  const digits = whole.padStart(1 - places, '0');
  return decimalOf(digits.slice(0, places), digits.slice(places) + fraction);
}
