import { Command, CommanderError } from 'commander';
import type { CommandContext, CommandModule } from './command.ts';
import { capacityCommand } from './commands/capacity.ts';
import { checkCommand } from './commands/check.ts';
import { compareCommand } from './commands/compare.ts';
import { completionCommand } from './commands/completion.ts';
import { docsCommand } from './commands/docs.ts';
import { doctorCommand } from './commands/doctor.ts';
import { evalCommand } from './commands/eval.ts';
import { explainCommand } from './commands/explain.ts';
import { exportCommand } from './commands/export.ts';
import { fmtCommand } from './commands/fmt.ts';
import { guestsCommand } from './commands/guests.ts';
import { lspCommand } from './commands/lsp.ts';
import { migrateCommand } from './commands/migrate.ts';
import { paramsCommand } from './commands/params.ts';
import { pauseCommand, resumeCommand } from './commands/pause.ts';
import { recordCommand } from './commands/record.ts';
import { replayCommand } from './commands/replay.ts';
import { shadowCommand } from './commands/shadow.ts';
import { releaseCommand } from './commands/release.ts';
import { reportCommand } from './commands/report.ts';
import { reportIncidentCommand } from './commands/report-incident.ts';
import { reserveCommand } from './commands/reserve.ts';
import { runCommand } from './commands/run.ts';
import { scenarioCommand } from './commands/scenario.ts';
import { simulateCommand } from './commands/simulate.ts';
import { statusCommand } from './commands/status.ts';
import { testCommand } from './commands/test.ts';
import { timelineCommand } from './commands/timeline.ts';
import { topCommand } from './commands/top.ts';
import { tuneCommand } from './commands/tune.ts';
import { whatifCommand } from './commands/whatif.ts';
import { whyCommand } from './commands/why.ts';
import { exitCodeOf } from './support/exit-code-of.ts';
import { EXIT } from './support/exit-codes.ts';
import type { Io } from './support/io.ts';
import type { Signals } from './support/signals.ts';
import { VERSION } from './version.ts';

/** In help order. */
const COMMANDS: readonly CommandModule[] = [
  runCommand,
  statusCommand,
  guestsCommand,
  topCommand,
  whyCommand,
  timelineCommand,
  pauseCommand,
  resumeCommand,
  reserveCommand,
  recordCommand,
  releaseCommand,
  doctorCommand,
  replayCommand,
  shadowCommand,
  simulateCommand,
  compareCommand,
  capacityCommand,
  tuneCommand,
  whatifCommand,
  scenarioCommand,
  explainCommand,
  reportCommand,
  exportCommand,
  reportIncidentCommand,
  checkCommand,
  lspCommand,
  paramsCommand,
  fmtCommand,
  testCommand,
  docsCommand,
  evalCommand,
  migrateCommand,
  completionCommand,
];

const PAUSE_ALL = '"ballast pause all" stops all changes, and the daemon goes on watching';

/** Commands of other daemons that people try. */
const ELSEWHERE: Readonly<Partial<Record<string, string>>> = {
  start: 'use "systemctl start ballast"',
  stop: `use "systemctl stop ballast"; ${PAUSE_ALL}`,
  restart: 'use "systemctl restart ballast"',
  reload: 'use "systemctl reload ballast"',
  log: 'use "journalctl -u ballast -o cat"',
  logs: 'use "journalctl -u ballast -o cat"',
  list: 'use "ballast guests"',
  version: 'use "ballast --version"',
};

const EXIT_CODES_HELP = `
Exit codes: 0 success; 1 finished, but problems were found; 2 invalid command
line or input file, or no daemon answers; 3 internal error.`;

/**
 * Builds the command line: returns a function that runs the given arguments and resolves to the exit code.
 * @param commands default: all commands; tests pass their own
 */
export function buildProgram(
  io: Io,
  signals: Signals,
  commands: readonly CommandModule[] = COMMANDS,
): (args: readonly string[]) => Promise<number> {
  return async (args) => {
    let code: number = EXIT.ok;
    const context: CommandContext = {
      io,
      signals,
      action:
        (work) =>
        async (...given) => {
          code = await exitCodeOf(() => work(...given), io);
        },
    };
    const elsewhere = ELSEWHERE[args[0] ?? ''];
    if (elsewhere !== undefined) {
      io.stderr.write(`error: there is no command ${args[0]}; ${elsewhere}\n`);
      return EXIT.usage;
    }
    const program = defineProgram(context, commands);
    const rewritten = commands.reduce((before, command) => command.rewriteArgs?.(before) ?? before, args);
    try {
      await program.parseAsync([...rewritten], { from: 'user' });
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error;
      return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    }
    return code;
  };
}

/** The commander definition of the command line. */
export function defineProgram(context: CommandContext, commands: readonly CommandModule[] = COMMANDS): Command {
  const { stdout, stderr } = context.io;
  const program = new Command('ballast')
    .description(
      'Controls KSM and the memory balloons of the guests on a KVM host according to policies that you write.',
    )
    .version(VERSION, '-V, --version')
    // Otherwise "params" would consume the options of "params set".
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .showHelpAfterError('(see --help)')
    .addHelpText('after', EXIT_CODES_HELP);
  for (const command of commands) command.define(program, context);
  return program;
}
