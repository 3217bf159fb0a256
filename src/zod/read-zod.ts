import { zodFlavour } from './flavour.ts';
import { readZod3 } from './read-zod3.ts';
import { readZod4 } from './read-zod4.ts';
import type { ZodReading } from './zod-reading.ts';

/** Reads one level of a zod schema. What is no zod schema counts as taking anything. */
export function readZod(schema: object): ZodReading {
  switch (zodFlavour(schema)) {
    case 'zod 4':
      return readZod4(schema);
    case 'zod 3':
      return readZod3(schema);
    default:
      return { kind: 'anything' };
  }
}
