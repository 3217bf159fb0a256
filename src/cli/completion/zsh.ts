import type { CompletedCommand, CompletedFlag } from './command-tree.ts';

/** A script for zsh's completion system: a function for each command. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  return `#compdef gleaner
# zsh completion for gleaner; made by: gleaner completion zsh
_gleaner_definitions() {
  local -a names
  names=(schemas/*.ts(N:t:r))
  compadd -a names
  _files
}
${commands.map(commandFunction).join('\n')}
if [ "$funcstack[1]" = "_gleaner" ]; then
  _gleaner "$@"
else
  compdef _gleaner gleaner
fi
`;
}

function commandFunction({ path, flags, subcommands, takesDefinition }: CompletedCommand): string {
  const specs = flags.map(flagSpec);
  const name = functionName(path);
  if (subcommands.length === 0) {
    const operands = takesDefinition ? "'*:operand:_gleaner_definitions'" : "'*:file:_files'";
    return `${name}() {\n  _arguments -s ${[...specs, operands].join(' \\\n    ')}\n}`;
  }
  const described = subcommands.map((command) => quoted(`${command.name}:${command.description}`));
  const cases = subcommands.map(
    (command) => `      ${command.name}) ${functionName(`${path} ${command.name}`.trim())} ;;`,
  );
  return `${name}() {
  local curcontext="$curcontext" state line
  local -a commands
  commands=(
    ${described.join('\n    ')}
  )
  _arguments -C ${[...specs, "'1:command:->command'", "'*::argument:->argument'"].join(' \\\n    ')}
  case $state in
    command) _describe command commands ;;
    argument)
      case $line[1] in
${cases.join('\n')}
      esac ;;
  esac
}`;
}

function flagSpec({ name, description, takesValue, choices }: CompletedFlag): string {
  const text = `${name}[${description.replaceAll(/[[\]\\:]/g, String.raw`\$&`)}]`;
  if (!takesValue) return quoted(text);
  return quoted(`${text}:value:${choices.length > 0 ? `(${choices.join(' ')})` : '_files'}`);
}

function functionName(path: string): string {
  return `_gleaner${path === '' ? '' : `_${path.replaceAll(/[ -]/g, '_')}`}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
