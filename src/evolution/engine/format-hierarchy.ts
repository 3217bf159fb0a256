/** Formats whose every string also is of the wider format, by the definitions of their standards. */
const WIDER: Readonly<Record<string, readonly string[]>> = {
  uri: ['iri', 'uri-reference', 'iri-reference'],
  iri: ['iri-reference'],
  'uri-reference': ['iri-reference'],
  email: ['idn-email'],
  hostname: ['idn-hostname'],
};

export function impliesFormat(narrow: string, wide: string): boolean {
  return narrow === wide || (Object.hasOwn(WIDER, narrow) && WIDER[narrow]?.includes(wide) === true);
}
