import type { JsonValue } from './value.ts';

/** Whether more than so many arrays and objects lie inside each other in a value. Needs no stack, however many do. */
export function isDeeperThan(value: JsonValue, levels: number): boolean {
  let containers = containersIn([value]);
  for (let depth = 1; containers.length > 0; depth += 1) {
    if (depth > levels) return true;
    const inside: object[] = [];
    for (const container of containers) for (const found of containersIn(Object.values(container))) inside.push(found);
    containers = inside;
  }
  return false;
}

function containersIn(values: readonly JsonValue[]): object[] {
  return values.filter((value) => typeof value === 'object' && value !== null);
}
