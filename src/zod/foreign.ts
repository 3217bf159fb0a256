import { zodFlavour, zodVersion } from './flavour.ts';
import { walkZod } from './walk.ts';

/** A schema that was made with another zod than the one around it. */
export interface ForeignZod {
  /** Where it stands, such as `address` or `lines[].price`. */
  path: string;
  outer: string;
  inner: string;
  /** Whether the two cannot work together at all, rather than being two versions of one generation. */
  isOtherGeneration: boolean;
}

/** Finds the schemas inside one that come from another zod, those of another generation first. */
export function findForeignZod(schema: object): ForeignZod[] {
  const found = new Map<string, ForeignZod>();
  walkZod(schema, (node, path, parent) => {
    if (parent === undefined || zodFlavour(node) === undefined || zodFlavour(parent) === undefined) return;
    const [outer, inner] = [zodVersion(parent), zodVersion(node)];
    if (outer === inner) return;
    found.set(`${path} ${inner}`, { path, outer, inner, isOtherGeneration: zodFlavour(node) !== zodFlavour(parent) });
  });
  return [...found.values()].sort((left, right) => Number(right.isOtherGeneration) - Number(left.isOtherGeneration));
}
