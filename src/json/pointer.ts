/** Escapes one reference token of a JSON pointer (RFC 6901, section 3). */
export function pointerToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The field that a JSON pointer into a result leads to, as people write it: `items[].price` for `/items/0/price`. */
export function fieldOfPointer(pointer: string): string {
  let field = '';
  for (const token of pointer.split('/').slice(1)) {
    if (/^\d+$/.test(token)) field += '[]';
    else field += `${field === '' ? '' : '.'}${token.replaceAll('~1', '/').replaceAll('~0', '~')}`;
  }
  return field;
}
