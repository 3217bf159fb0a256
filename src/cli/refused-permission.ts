/** What Deno says where it refuses a permission, with the flag that grants it; undefined for all other errors. */
export function refusedPermission(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== 'NotCapable') return undefined;
  return `gleaner may not do what it has to: ${error.message}`;
}
