import { keySource } from './literal-source.ts';

/** Source text of a zod schema, laid out when it is printed. */
export type ZodCode =
  | string
  | { readonly open: string; readonly members: readonly ZodMember[]; readonly close: string }
  | { readonly open: string; readonly parts: readonly ZodCode[]; readonly close: string };

export interface ZodMember {
  readonly key: string;
  readonly value: ZodCode;
  /** A getter, so that the schema may name itself. */
  readonly isLazy?: boolean;
}

export function objectCode(members: readonly ZodMember[], open = 'z.object('): ZodCode {
  return { open: `${open}{`, members, close: '})' };
}

/** The code with a call behind it, such as `.nullable()`. */
export function withCall(code: ZodCode, call: string): ZodCode {
  return typeof code === 'string' ? `${code}${call}` : { ...code, close: `${code.close}${call}` };
}

/** Wraps code into a call, such as `z.array(...)`. */
export function wrapCode(open: string, parts: readonly ZodCode[], close = ')'): ZodCode {
  return { open: `${open}(`, parts, close };
}

/** Writes the code with a line for each property, indented from `depth` on. */
export function printZod(code: ZodCode, depth: number): string {
  if (typeof code === 'string') return code;
  if ('parts' in code) return `${code.open}${code.parts.map((part) => printZod(part, depth)).join(', ')}${code.close}`;
  if (code.members.length === 0) return `${code.open}${code.close}`;
  const indent = '  '.repeat(depth + 1);
  const lines = code.members.map(({ key, value, isLazy = false }) => {
    const text = printZod(value, isLazy ? depth + 2 : depth + 1);
    if (!isLazy) return `${indent}${keySource(key)}: ${text},`;
    return `${indent}get ${keySource(key)}() {\n${indent}  return ${text};\n${indent}},`;
  });
  return `${code.open}\n${lines.join('\n')}\n${'  '.repeat(depth)}${code.close}`;
}
