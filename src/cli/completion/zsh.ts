import type { ArgumentSpec, CommandSpec, OptionSpec, Values } from './command-spec.ts';

/** A completion script for zsh, to be installed as `_ballast` in a folder of \`fpath\`. */
export function zshCompletion(program: CommandSpec): string {
  return `#compdef ${program.name}
${functionsOf(program, `_${program.name}`).join('\n')}
_${program.name} "$@"
`;
}

function functionsOf(command: CommandSpec, name: string): readonly string[] {
  const { commands } = command;
  const below = commands.flatMap((each) => functionsOf(each, `${name}_${each.name.replaceAll('-', '_')}`));
  const specs = [
    ...command.options.flatMap(optionLines),
    ...(commands.length > 0 ? [] : command.args.map(argumentLine)),
  ];
  if (commands.length === 0)
    return [...below, `${name}() {\n  _arguments -s${specs.map((spec) => ` \\\n    ${spec}`).join('')}\n}`];
  const listed = commands.map((each) => `      ${quoted(`${each.name}:${escaped(each.description)}`)}`).join('\n');
  const cases = commands.map((each) => `      ${each.name}) ${name}_${each.name.replaceAll('-', '_')} ;;`).join('\n');
  return [
    ...below,
    `${name}() {
  local state line
  local -a commands
  _arguments -C${specs.map((spec) => ` \\\n    ${spec}`).join('')} \\
    '1: :->command' '*:: :->argument'
  case $state in
  command)
    commands=(
${listed}
    )
    _describe command commands
    ;;
  argument)
    case $line[1] in
${cases}
    esac
    ;;
  esac
}`,
  ];
}

function optionLines({ short, long, description, values, isRepeatable }: OptionSpec): readonly string[] {
  const flags = [short, long].filter((flag) => flag !== null);
  const others = isRepeatable ? '*' : flags.length > 1 ? `(${flags.join(' ')})` : '';
  return flags.map((flag) =>
    quoted(`${others}${flag}[${escaped(description)}]${values === null ? '' : `:value:${action(values)}`}`),
  );
}

function argumentLine({ name, values, isVariadic, isRequired }: ArgumentSpec): string {
  return quoted(`${isVariadic ? '*' : ''}:${isRequired ? '' : ':'}${name}:${action(values)}`.replace(/^\*::/, '*:'));
}

function action(values: Values): string {
  return values === 'file' ? '_files' : values === 'text' ? ' ' : `(${values.join(' ')})`;
}

/** In a description of \`_arguments\`, brackets and colons have a meaning. */
function escaped(text: string): string {
  return text.replace(/[[\]:\\]/g, '\\$&');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
