/** Escapes one reference token of a JSON pointer (RFC 6901, section 3). */
export function pointerToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The reference tokens of a JSON pointer. */
export function pointerTokens(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The field that a JSON pointer into a result leads to, as people write it: `items[].price` for `/items/0/price`. */
export function fieldOfPointer(pointer: string): string {
  let field = '';
  for (const token of pointerTokens(pointer)) {
    if (/^\d+$/.test(token)) field += '[]';
    else field += `${field === '' ? '' : '.'}${token}`;
  }
  return field;
}
