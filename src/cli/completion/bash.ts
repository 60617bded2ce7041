import { flattened, type CommandSpec, type Values } from './command-spec.ts';

/** A completion script for bash. It needs no other package, and starts nothing. */
export function bashCompletion(program: CommandSpec): string {
  const all = flattened(program);
  const below = all.flatMap(({ commands }) => commands);
  return `# bash completion for ${program.name}
_${program.name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} line=${program.name} words='' files='' word
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$line $word" in
${below.map(({ line }) => `      '${line}') line='${line}' ;;`).join('\n')}
    esac
  done
  case "$line $previous" in
${all.flatMap(valueCases).join('\n')}
    *)
      if [[ $current == -* ]]; then
        case "$line" in
${all.map(({ line, options }) => `          '${line}') words='${options.flatMap(({ short, long }) => [short, long].filter((flag) => flag !== null)).join(' ')}' ;;`).join('\n')}
        esac
      else
        case "$line" in
${all.flatMap(argumentCase).join('\n')}
        esac
      fi
      ;;
  esac
  [[ -n $words ]] && mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  if [[ -n $files ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
  return 0
}
complete -F _${program.name} ${program.name}
`;
}

function valueCases({ line, options }: CommandSpec): readonly string[] {
  return options.flatMap(({ short, long, values }) => {
    if (values === null) return [];
    const patterns = [short, long].filter((flag) => flag !== null).map((flag) => `'${line} ${flag}'`);
    return [`    ${patterns.join(' | ')}) ${assignment(values)} ;;`];
  });
}

function argumentCase({ line, args, commands }: CommandSpec): readonly string[] {
  if (commands.length > 0) return [`          '${line}') words='${commands.map(({ name }) => name).join(' ')}' ;;`];
  const values = args.find((argument) => argument.values !== 'text')?.values;
  return values === undefined ? [] : [`          '${line}') ${assignment(values)} ;;`];
}

function assignment(values: Values): string {
  return values === 'file' ? 'files=yes' : values === 'text' ? ':' : `words='${values.join(' ')}'`;
}
