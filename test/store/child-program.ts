/** The text of an ES module that a child process runs with `--eval`: `exported` from a source file of ours, then `body`. */
export function childProgram(source: string, exported: string, body: string): string {
  const file = new URL(`../../src/${source}`, import.meta.url).pathname;
  return `
    import { createJiti } from 'jiti';
    const jiti = createJiti(${JSON.stringify(file)}, { fsCache: false });
    const { ${exported} } = await jiti.import(${JSON.stringify(file)});
    ${body}
  `;
}

/** Arguments of node for such a program. */
export function childArguments(program: string): string[] {
  return ['--input-type=module', '--eval', program];
}

/** Where a child process finds our dependencies. */
export const childDirectory = new URL('../..', import.meta.url).pathname;
