import { formatCount } from './format.ts';

/** Says how many: 1 record, 2 records, 1,200 records. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
