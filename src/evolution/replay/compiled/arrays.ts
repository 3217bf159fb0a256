import type { JsonValue } from '../../../json/value.ts';
import { limit, NotCompiled, putBefore, refuse, type Check, type Take } from './check.ts';

export function compileArrays(take: Take, checks: Check[], compile: (schema: JsonValue) => Check): void {
  const minItems = take('minItems');
  const maxItems = take('maxItems');
  const prefixItems = take('prefixItems') ?? [];
  const items = take('items');
  limit(
    checks,
    minItems,
    (least) => (value, found) =>
      !Array.isArray(value) || value.length >= least || refuse(found, 'minItems', `must have at least ${least} items`),
  );
  limit(
    checks,
    maxItems,
    (most) => (value, found) =>
      !Array.isArray(value) || value.length <= most || refuse(found, 'maxItems', `must have at most ${most} items`),
  );
  if (!Array.isArray(prefixItems)) throw new NotCompiled();
  const first = prefixItems.map((schema: JsonValue) => compile(schema));
  if (items === undefined && first.length === 0) return;
  const rest = items === undefined ? undefined : compile(items);
  checks.push((value, found) => {
    if (!Array.isArray(value)) return true;
    let isFine = true;
    for (let index = 0; index < value.length; index += 1) {
      const check = first[index] ?? rest;
      if (check === undefined) break;
      const mark = found.length;
      if (!check(value[index] as JsonValue, found))
        isFine = putBefore(found, mark, index < first.length ? `/${index}` : '/*');
    }
    return isFine;
  });
}
