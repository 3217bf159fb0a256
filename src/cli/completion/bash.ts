import type { CompletedCommand } from './command-tree.ts';

/** A script for bash, from version 3.2 on, without the package bash-completion. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(({ path, flags, subcommands }) => {
    const words = subcommands.map(({ name }) => name).join(' ');
    const names = flags.map(({ name }) => name).join(' ');
    return `    '${path}') words='${words}' flags='${names}' ;;`;
  });
  const values = choicesByFlag(commands).map(
    ({ path, flag, choices }) => `    '${path} ${flag}') words='${choices.join(' ')}' ;;`,
  );
  const withValue = commands.flatMap(({ path, flags }) =>
    flags.filter(({ takesValue }) => takesValue).map(({ name }) => `'${path} ${name}'`),
  );
  const definitions = commands.filter(({ takesDefinition }) => takesDefinition).map(({ path }) => `'${path}'`);
  const paths = commands.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`);
  return `# bash completion for gleaner; made by: gleaner completion bash
_gleaner() {
  local current previous path words flags index candidate
  current="\${COMP_WORDS[COMP_CWORD]}"
  previous="\${COMP_WORDS[COMP_CWORD-1]}"
  path=''
  for ((index = 1; index < COMP_CWORD; index++)); do
    candidate="\${path:+$path }\${COMP_WORDS[index]}"
    case "$candidate" in
    ${paths.join(' | ')}) path="$candidate" ;;
    *) break ;;
    esac
  done
  words='' flags=''
  case "$path $previous" in
${values.join('\n')}
    ${withValue.join(' | ')})
      COMPREPLY=($(compgen -f -- "$current"))
      return ;;
  esac
  if [ -n "$words" ]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  case "$path" in
${cases.join('\n')}
  esac
  case "$path" in
    ${definitions.join(' | ')})
      words="$words $(for candidate in schemas/*.ts; do [ -e "$candidate" ] && basename "$candidate" .ts; done)" ;;
  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$current")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$current") $(test -z "$path" || compgen -f -- "$current")) ;;
  esac
}
complete -o filenames -o bashdefault -F _gleaner gleaner
`;
}

/** Each flag of a command that takes one of a few values. */
function choicesByFlag(
  commands: readonly CompletedCommand[],
): { path: string; flag: string; choices: readonly string[] }[] {
  return commands.flatMap(({ path, flags }) =>
    flags.filter(({ choices }) => choices.length > 0).map(({ name, choices }) => ({ path, flag: name, choices })),
  );
}
