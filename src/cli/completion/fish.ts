import type { CompletedCommand } from './command-tree.ts';

/** A script for fish. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ path, flags, subcommands, takesDefinition }) => {
    const condition = conditionFor(
      path,
      subcommands.map(({ name }) => name),
    );
    return [
      ...subcommands.map(
        ({ name, description }) => `complete -c gleaner -f -n ${condition} -a ${name} -d ${quoted(description)}`,
      ),
      ...(takesDefinition
        ? [
            `complete -c gleaner -n ${condition} -a '(path basename schemas/*.ts 2>/dev/null | path change-extension "")'`,
          ]
        : []),
      ...flags.map(({ name, description, takesValue, choices }) => {
        const value = !takesValue ? '' : choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : ' -r';
        return `complete -c gleaner -n ${condition} -l ${name.replace(/^--/, '')}${value} -d ${quoted(description)}`;
      }),
    ];
  });
  return `# fish completion for gleaner; made by: gleaner completion fish\n${lines.join('\n')}\n`;
}

/** Where the command's own words are completed: behind it, and before one of its subcommands. */
function conditionFor(path: string, subcommands: readonly string[]): string {
  if (path === '') return '__fish_use_subcommand';
  const seen = path.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
  const notYet = subcommands.length === 0 ? [] : [`not __fish_seen_subcommand_from ${subcommands.join(' ')}`];
  return quoted([...seen, ...notYet].join('; and '));
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}
