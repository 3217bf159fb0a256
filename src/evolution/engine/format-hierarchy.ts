/** Formats whose every string also is of the wider format, by the definitions of their standards. */
const wider: Readonly<Record<string, readonly string[]>> = {
  uri: ['iri', 'uri-reference', 'iri-reference'],
  iri: ['iri-reference'],
  'uri-reference': ['iri-reference'],
  email: ['idn-email'],
  hostname: ['idn-hostname'],
};

export function impliesFormat(narrow: string, wide: string): boolean {
  return narrow === wide || (Object.hasOwn(wider, narrow) && wider[narrow]?.includes(wide) === true);
}
