import { Command, CommanderError } from 'commander';
import type { CommandContext, CommandModule } from './command.ts';
import { checkCommand } from './commands/check.ts';
import { docsCommand } from './commands/docs.ts';
import { evalCommand } from './commands/eval.ts';
import { explainCommand } from './commands/explain.ts';
import { fmtCommand } from './commands/fmt.ts';
import { lspCommand } from './commands/lsp.ts';
import { paramsCommand } from './commands/params.ts';
import { recordCommand } from './commands/record.ts';
import { replayCommand } from './commands/replay.ts';
import { runCommand } from './commands/run.ts';
import { testCommand } from './commands/test.ts';
import { exitCodeOf } from './support/exit-code-of.ts';
import { EXIT } from './support/exit-codes.ts';
import type { Io } from './support/io.ts';
import type { Signals } from './support/signals.ts';
import { VERSION } from './version.ts';

/** In the order of the help. */
const COMMANDS: readonly CommandModule[] = [
  runCommand,
  recordCommand,
  replayCommand,
  explainCommand,
  checkCommand,
  lspCommand,
  paramsCommand,
  fmtCommand,
  testCommand,
  docsCommand,
  evalCommand,
];

const EXIT_CODES_HELP = `
Exit codes: 0 done; 1 done, and problems were found; 2 the command line or a file that it names is wrong; 3 a defect.`;

/**
 * The command line: returns a function that runs the arguments and answers the exit code.
 * @param commands those that there are; tests pass their own
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
    const program = defineProgram(context, commands);
    const arranged = commands.reduce((before, command) => command.arrange?.(before) ?? before, args);
    try {
      await program.parseAsync([...arranged], { from: 'user' });
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error;
      return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    }
    return code;
  };
}

/** Everything that commander knows of the command line. */
export function defineProgram(context: CommandContext, commands: readonly CommandModule[] = COMMANDS): Command {
  const { stdout, stderr } = context.io;
  const program = new Command('ballast')
    .description('Steers KSM and the balloons of the guests of a KVM host by a policy that you write.')
    .version(VERSION, '-V, --version')
    // Else "params" would take the options of "params set" for its own.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .showHelpAfterError('(see --help)')
    .addHelpText('after', EXIT_CODES_HELP);
  for (const command of commands) command.define(program, context);
  return program;
}
