import * as z3 from 'zod3';
import * as z4 from 'zod';
import { printZod } from '../../../src/init/zod-source/zod-code.ts';
import type { ZodFromSchema } from '../../../src/init/zod-source/schema-to-zod.ts';
import type { ZodSchema } from '../../../src/schema/zod-schema.ts';

/** What the source makes when it runs. */
export function evaluateZod(
  { declarations, root }: Pick<ZodFromSchema, 'declarations' | 'root'>,
  zod: 3 | 4 = 4,
): ZodSchema {
  const lines = declarations.map(({ name, code }) => `const ${name} = ${printZod(code, 0)};`);
  // The source is what the test is about.
  // oxlint-disable-next-line no-new-func, typescript/no-implied-eval
  const make = new Function('z', `${lines.join('\n')}\nreturn ${printZod(root, 0)};`) as (z: unknown) => ZodSchema;
  return make(zod === 4 ? z4.z : z3.z);
}
