import { recordFormatOf } from '../../records/record-format.ts';
import { flagsByCommand } from './flags/flags-by-command.ts';

const COMMANDS = new Set([...Object.keys(flagsByCommand).map((name) => name.split(' ')[0]), 'help']);
const SCHEMA_COMMANDS = ['show', 'lock', 'check', 'diff', 'accept', 'replay', 'help'];

/** The command line that is likely meant by one whose command is left out; undefined where nothing is known. */
export function usageHint(argv: readonly string[]): string | undefined {
  const [command, ...rest] = argv;
  if (command === undefined || command.startsWith('-')) return undefined;
  if (command === 'schema') {
    const [name] = rest;
    const isName = name !== undefined && !name.startsWith('-') && !SCHEMA_COMMANDS.includes(name);
    return isName ? `gleaner schema show ${name}` : undefined;
  }
  // What other tools call them.
  if (command === 'version') return 'gleaner --version';
  if (command === 'run') {
    const [definition = '<definition>', input = '<input>'] = rest.filter((word) => !word.startsWith('-'));
    if (rest.includes('--dry-run')) return `gleaner preview ${definition} ${input}, or gleaner estimate with the same`;
    if (rest.some((word) => /^--sample(=|$)/.test(word)))
      return `--limit for the first records, or gleaner estimate ${definition} ${input} --sample for some at random`;
  }
  if (COMMANDS.has(command)) return undefined;
  const firstFlag = argv.findIndex((argument) => argument.startsWith('-'));
  const operands = firstFlag === -1 ? argv : argv.slice(0, firstFlag);
  const input = operands.find((operand) => recordFormatOf(operand) !== undefined);
  if (input === undefined) return /\.[cm]?[jt]s$/.test(command) ? `gleaner run ${command} <input>` : undefined;
  const definition = operands.find((operand) => operand !== input) ?? '<definition>';
  return `gleaner run ${definition} ${input}`;
}
