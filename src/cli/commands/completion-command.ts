import type { Command } from 'commander';
import { GleanerError } from '../../gleaner-error.ts';
import { bashCompletion } from '../completion/bash.ts';
import { commandTree } from '../completion/command-tree.ts';
import { fishCompletion } from '../completion/fish.ts';
import { zshCompletion } from '../completion/zsh.ts';
import { EXIT_CODES } from '../exit-code.ts';
import type { Terminal } from '../terminal/terminal.ts';

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/** `gleaner completion <shell>`: a script made from the commands as they are. */
export async function completionCommand(shell: string, program: Command, terminal: Terminal): Promise<number> {
  if (!Object.hasOwn(SHELLS, shell)) {
    const known = Object.keys(SHELLS).join(', ');
    throw new GleanerError('usage', `Cannot complete commands in ${JSON.stringify(shell)}: known shells are ${known}`);
  }
  terminal.stdout.write(SHELLS[shell as keyof typeof SHELLS](commandTree(program)));
  return EXIT_CODES.ok;
}
