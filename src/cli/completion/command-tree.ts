import type { Command } from 'commander';
import { choicesOf } from '../settings/flag.ts';
import { flagsByCommand } from '../settings/flags/flags-by-command.ts';

/** A command as completion knows it. */
export interface CompletedCommand {
  /** With those above it, such as `schema check`. */
  path: string;
  description: string;
  subcommands: { name: string; description: string }[];
  flags: CompletedFlag[];
  takesDefinition: boolean;
}

export interface CompletedFlag {
  /** With its dashes. */
  name: string;
  description: string;
  takesValue: boolean;
  /** The values there are, where they are few. */
  choices: readonly string[];
}

/** All commands, the program itself first, as an empty path. */
export function commandTree(program: Command, path = ''): CompletedCommand[] {
  const subcommands = program.commands.filter((command) => command.name() !== 'help');
  const own: CompletedCommand = {
    path,
    description: program.description(),
    subcommands: subcommands.map((command) => ({ name: command.name(), description: command.description() })),
    flags: program.options
      .filter(({ hidden, long }) => !hidden && long != null)
      .map(({ long, description, required, optional }) => ({
        name: long ?? '',
        description,
        takesValue: required || optional,
        choices: (flagsByCommand[path] ?? []).filter(({ name }) => `--${name}` === long).flatMap(choicesOf),
      })),
    takesDefinition: program.registeredArguments.some((argument) => argument.name() === 'definition'),
  };
  return [own, ...subcommands.flatMap((command) => commandTree(command, `${path} ${command.name()}`.trim()))];
}
