import { isJsonObject, type JsonValue } from '../../../json/value.ts';
import { limit, NotCompiled, putBefore, refuse, step, type Check, type Take } from './check.ts';

export function compileObjects(take: Take, checks: Check[], compile: (schema: JsonValue) => Check): void {
  const properties = take('properties') ?? {};
  const additional = take('additionalProperties');
  const propertyNames = take('propertyNames');
  const required = take('required') ?? [];
  const minProperties = take('minProperties');
  const maxProperties = take('maxProperties');
  if (!isJsonObject(properties) || !Array.isArray(required)) throw new NotCompiled();
  const names: string[] = required.filter((name: unknown) => typeof name === 'string');
  if (names.length > 0) {
    const missing = names.map((name) => ({ name, message: `must have the property ${JSON.stringify(name)}` }));
    checks.push((value, found) => {
      if (!isJsonObject(value)) return true;
      let isFine = true;
      for (const { name, message } of missing)
        if (!Object.hasOwn(value, name)) isFine = refuse(found, 'required', message, step(name));
      return isFine;
    });
  }
  const count = (value: JsonValue): number => (isJsonObject(value) ? Object.keys(value).length : NaN);
  limit(
    checks,
    minProperties,
    (least) => (value, found) =>
      !(count(value) < least) || refuse(found, 'minProperties', `must have at least ${least} properties`),
  );
  limit(
    checks,
    maxProperties,
    (most) => (value, found) =>
      !(count(value) > most) || refuse(found, 'maxProperties', `must have at most ${most} properties`),
  );

  const listed = new Map<string, { check: Check; place: string }>();
  for (const [name, schema] of Object.entries(properties)) {
    if (schema !== undefined) listed.set(name, { check: compile(schema), place: step(name) });
  }
  const others =
    additional === undefined || additional === true ? undefined : additional === false ? false : compile(additional);
  const nameCheck = propertyNames === undefined ? undefined : compile(propertyNames);
  if (listed.size === 0 && others === undefined && nameCheck === undefined) return;
  checks.push((value, found) => {
    if (!isJsonObject(value)) return true;
    let isFine = true;
    for (const name in value) {
      const member = value[name];
      if (member === undefined || !Object.hasOwn(value, name)) continue;
      if (nameCheck !== undefined && !nameCheck(name, []))
        isFine = refuse(found, 'propertyNames', 'must have an allowed name', '/*');
      const known = listed.get(name);
      const mark = found.length;
      if (known !== undefined) {
        if (!known.check(member, found)) isFine = putBefore(found, mark, known.place);
      } else if (others === false) {
        isFine = refuse(
          found,
          'additionalProperties',
          'must not be there, as no other properties are allowed',
          step(name),
        );
      } else if (others !== undefined && !others(member, found)) isFine = putBefore(found, mark, '/*');
    }
    return isFine;
  });
}
