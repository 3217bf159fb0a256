import { GleanerError } from '../../gleaner-error.ts';

export function refuseSchema(path: string, reason: string): never {
  throw new GleanerError(
    'schema-unusable',
    `Cannot write the JSON Schema as zod: at ${path === '' ? '/' : path} ${reason}`,
    {
      facts: { path },
    },
  );
}
