import type { Command } from 'commander';
import { specOf, type CommandSpec } from '../completion/command-spec.ts';

export interface ManPageOptions {
  readonly version: string;
  /** `2026-01-31`. */
  readonly date: string;
}

const FILES: readonly (readonly [string, string])[] = [
  ['/etc/ballast/ballast.yaml', 'The config of the service.'],
  [
    '/etc/ballast/parameters.yaml',
    'Values of parameters that take effect while the daemon runs; "ballast params set" writes it.',
  ],
  ['/usr/share/ballast/policies', 'The shipped policies and their tests.'],
  ['/usr/share/ballast/scenarios', 'Scenarios for ballast simulate.'],
  [
    '/usr/share/doc/ballast',
    'The documentation: operations.md, configuration.md, guards.md, reference.md and more. In examples, a config with every key.',
  ],
  ['/run/ballast/stop', 'While this file is there, the daemon writes nothing.'],
  ['/var/lib/ballast', 'What was found at first on this host, to be restored.'],
];

const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['NOTIFY_SOCKET, WATCHDOG_USEC', 'Set by systemd: the daemon notifies it through systemd-notify(1).'],
  ['XDG_RUNTIME_DIR', "With a session URI of libvirt: where the daemon's runtime directory is."],
];

/** The manual page ballast(1) in the macros of man(7), from the definition of the command line. */
export function manPage(program: Command, { version, date }: ManPageOptions): string {
  const spec = specOf(program);
  const lines = [
    '.\\" Generated from the definition of the command line.',
    `.TH ${spec.name.toUpperCase()} 1 ${date} "Ballast ${version}" "User Commands"`,
    '.SH NAME',
    `${spec.name} \\- memory overcommit policy engine for KVM hosts`,
    '.SH SYNOPSIS',
    `.B ${spec.name}`,
    '.I command',
    '.RI [ options ]',
    '.SH DESCRIPTION',
    text(spec.description),
    '.SH OPTIONS',
    ...optionLines(spec),
    '.SH COMMANDS',
    ...spec.commands.flatMap((below) => commandLines(below, commandNamed(program, below.name))),
    '.SH EXIT STATUS',
    ...tagged([
      ['0', 'Success.'],
      ['1', 'Finished, but problems were found.'],
      ['2', 'The command line, the config or another input file is invalid; nothing was done.'],
      ['3', 'A defect in Ballast; the stack trace is on standard error.'],
    ]),
    '.SH FILES',
    ...tagged(FILES),
    '.SH ENVIRONMENT',
    ...tagged(ENVIRONMENT),
    '.SH SEE ALSO',
    '.BR systemctl (1),',
    '.BR journalctl (1),',
    '.BR virsh (1)',
  ];
  return `${lines.join('\n')}\n`;
}

function commandLines(spec: CommandSpec, command: Command): readonly string[] {
  const usage = [...(spec.options.length > 0 ? ['[options]'] : []), ...spec.args.map(placeholder)].join(' ');
  return [
    `.SS "${text(spec.line)} ${text(usage)}"`,
    text(sentence(spec.description)),
    ...tagged(spec.args.map(({ name, description }) => [name, sentence(description)])),
    ...optionLines(spec),
    ...paragraphsAfter(command),
    ...spec.commands.flatMap((below) => commandLines(below, commandNamed(command, below.name))),
  ];
}

function optionLines({ options }: CommandSpec): readonly string[] {
  return tagged(options.map(({ flags, description }) => [flags, sentence(description)]));
}

/** The text that the help has below the options, such as the exit codes of the command; as it is laid out there. */
function paragraphsAfter(command: Command): readonly string[] {
  let whole = '';
  command.configureOutput({ writeOut: (part) => (whole += part) });
  command.outputHelp();
  const after = whole.slice(command.helpInformation().length).trim();
  return after === '' ? [] : ['.PP', '.nf', ...after.split('\n').map(text), '.fi'];
}

function commandNamed(command: Command, name: string): Command {
  return command.commands.find((below) => below.name() === name)!;
}

function placeholder({ name, isRequired, isVariadic }: CommandSpec['args'][number]): string {
  const word = isVariadic ? `${name}...` : name;
  return isRequired ? `<${word}>` : `[${word}]`;
}

function tagged(rows: readonly (readonly [string, string])[]): readonly string[] {
  return rows.flatMap(([tag, meaning]) => ['.TP', `\\fB${text(tag)}\\fR`, text(meaning)]);
}

function sentence(description: string): string {
  return `${description.slice(0, 1).toUpperCase()}${description.slice(1)}.`;
}

/** Escapes what roff would interpret: backslashes, hyphens that are typed, and control characters at the beginning of a line. */
function text(plain: string): string {
  const escaped = plain
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('"', '\\(dq');
  return escaped.startsWith('.') ? `\\&${escaped}` : escaped;
}
