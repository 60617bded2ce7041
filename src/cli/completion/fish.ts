import { flattened, type CommandSpec, type Values } from './command-spec.ts';

/** A completion script for fish. */
export function fishCompletion(program: CommandSpec): string {
  const lines = flattened(program).flatMap((command) => {
    const condition = conditionOf(command);
    const complete = `complete -c ${program.name} -n ${quoted(condition)}`;
    const takesFile = command.args.some(({ values }) => values === 'file');
    return [
      ...command.commands.map(({ name, description }) => `${complete} -f -a ${name} -d ${quoted(description)}`),
      ...(command.commands.length > 0 || takesFile ? [] : [`${complete} -f`]),
      ...command.args.flatMap(({ values }) =>
        typeof values === 'string' ? [] : [`${complete} -f -a ${quoted(values.join(' '))}`],
      ),
      ...command.options.map(({ short, long, description, values }) =>
        [
          complete,
          ...(short === null ? [] : [`-s ${short.slice(1)}`]),
          ...(long === null ? [] : [`-l ${long.slice(2)}`]),
          ...(values === null ? [] : [valuesFlag(values)]),
          `-d ${quoted(description)}`,
        ].join(' '),
      ),
    ];
  });
  return `# fish completion for ${program.name}\n${lines.join('\n')}\n`;
}

/** Holds while the words so far are those of this command. */
function conditionOf({ line, commands }: CommandSpec): string {
  const words = line.split(' ').slice(1);
  if (words.length === 0) return '__fish_use_subcommand';
  const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`);
  // "params" is also the beginning of "params set".
  const below = commands.map(({ name }) => name);
  return [...seen, ...(below.length === 0 ? [] : [`not __fish_seen_subcommand_from ${below.join(' ')}`])].join(
    '; and ',
  );
}

function valuesFlag(values: Values): string {
  return values === 'file' ? '-r -F' : values === 'text' ? '-x' : `-x -a ${quoted(values.join(' '))}`;
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
