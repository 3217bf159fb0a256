import type { SubschemaPlace } from './subschemas.ts';

/** Extends a path as people write it, such as `lines[].price`, by one step into a subschema. */
export function fieldPath(parent: string, place: SubschemaPlace): string {
  switch (place.keyword) {
    case 'properties':
      return parent === '' ? (place.key ?? '') : `${parent}.${place.key ?? ''}`;
    case 'items':
      return `${parent}[]`;
    case 'prefixItems':
      return `${parent}[${place.key ?? ''}]`;
    case 'additionalProperties':
    case 'patternProperties':
      return `${parent}.*`;
    default:
      return parent;
  }
}

/** Names a path in a message; the root has no name of its own. */
export function quoteFieldPath(path: string): string {
  return path === '' ? 'the root' : `"${path}"`;
}
