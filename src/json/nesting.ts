import type { JsonValue } from './value.ts';

/** Whether more than so many arrays and objects lie inside each other in a value. Needs no stack, however many do. */
export function isDeeperThan(value: JsonValue, levels: number): boolean {
  let containers = containersOf([value]);
  for (let depth = 1; containers.length > 0; depth += 1) {
    if (depth > levels) return true;
    containers = containersOf(containers.flatMap((container): JsonValue[] => Object.values(container)));
  }
  return false;
}

function containersOf(values: readonly JsonValue[]): object[] {
  return values.filter((value) => typeof value === 'object' && value !== null);
}
