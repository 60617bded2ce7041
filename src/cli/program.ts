import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../config/units.ts';
import { EXIT } from './exit-codes.ts';
import type { Io } from './io.ts';
import type { Signals } from './run.ts';
import { VERSION } from './version.ts';

const REPLAY_HELP = `
A replay shows what the policy would decide at each recorded moment, without the consequences of its decisions: the
next recorded moment is as it was, whatever was decided before. Read it as "what would it have done here", not as
"what would have become of the host".`;

const EXIT_CODES_HELP = `
Exit codes: 0 done; 1 done, and problems were found; 2 the command line or a file that it names is wrong; 3 a defect.`;

/** The command line: returns a function that runs the arguments and answers the exit code. */
export function buildProgram(io: Io, signals: Signals): (args: readonly string[]) => Promise<number> {
  return async (args) => {
    let code: number = EXIT.ok;
    const done = (result: number) => {
      code = result;
    };
    const program = new Command('ballast')
      .description('Steers KSM and the balloons of the guests of a KVM host by a policy that you write.')
      .version(VERSION, '-V, --version')
      .exitOverride()
      .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
      .showHelpAfterError('(see --help)')
      .addHelpText('after', EXIT_CODES_HELP);

    const policyOption = () =>
      new Option('-p, --policy <file>', 'a policy file; may be given more than once, and replaces those of the config').argParser(collect);

    program
      .command('run')
      .description('watch this host and steer it, until told to stop')
      .option('-c, --config <file>', 'the config file; without one, the defaults')
      .addOption(policyOption())
      .option('--once', 'one interval, then leave')
      .option('-n, --dry-run', 'decide and log, but change nothing')
      .addOption(levelOption())
      .addOption(formatOption())
      .action(async (options) => {
        const { runCommand } = await import('./run.ts');
        done(await runCommand({ ...runOptions(options), once: options.once === true, dryRun: options.dryRun === true, observeOnly: false, record: null }, io, signals));
      });

    program
      .command('record')
      .argument('<file>', 'where to; .jsonl, or .jsonl.gz to compress')
      .description('record what the host does, for replay, without evaluating any policy and without changing anything')
      .option('-c, --config <file>', 'the config file; without one, the defaults')
      .addOption(levelOption())
      .addOption(formatOption())
      .action(async (file: string, options) => {
        const { runCommand } = await import('./run.ts');
        done(await runCommand({ ...runOptions(options), once: false, dryRun: true, observeOnly: true, record: file }, io, signals));
      });

    program
      .command('replay')
      .argument('<file...>', 'recordings')
      .description('show what a policy would decide at each moment of a recording')
      .option('-c, --config <file>', 'a config file, for its policies, balloon settings and plugins')
      .addOption(policyOption())
      .option('--policy-interval <duration>', 'how often to evaluate, such as 30s; otherwise as it was when recorded', parseInterval)
      .option('--json', 'one JSON object a line: each evaluation, then the summary')
      .option('-q, --quiet', 'only the summary')
      .addOption(formatOption().default('pretty'))
      .addHelpText('after', REPLAY_HELP)
      .action(async (files: string[], options) => {
        const { replayCommand } = await import('./replay.ts');
        done(
          await replayCommand(
            {
              files, policies: options.policy ?? [], config: options.config ?? null, json: options.json === true, quiet: options.quiet === true,
              logFormat: options.logFormat, policyIntervalMs: options.policyInterval ?? null,
            },
            io,
            signals.stop,
          ),
        );
      });

    program
      .command('check')
      .argument('<file...>', 'policy files; several form one program, as they do when they run')
      .description('find the mistakes in policies before anything runs; exit code 1 if there are any')
      .option('-c, --config <file>', 'a config file, for the plugins of this site')
      .option('--json', 'the diagnostics as JSON')
      .action(async (files: string[], options) => {
        const { checkCommand } = await import('./check.ts');
        const { vocabularyFor } = await import('../compose/vocabulary.ts');
        const found = await vocabularyFor(options.config ?? null);
        if ('error' in found) {
          io.stderr.write(`${found.error}\n`);
          return done(EXIT.usage);
        }
        done(await checkCommand({ files, json: options.json === true }, io, found.vocabulary));
      });

    program
      .command('eval')
      .argument('[file]', 'a policy file; without one and without -e, a prompt')
      .description('evaluate expressions of the policy language')
      .option('-e, --expression <text>', 'an expression')
      .option('--cases <file>', 'cases as JSON lines (- for standard input), an answer as a JSON line for each')
      .action(async (file: string | undefined, options) => {
        const { evalCommand } = await import('./eval.ts');
        done(
          await evalCommand(
            {
              ...(file !== undefined && { file }),
              ...(options.expression !== undefined && { expression: options.expression }),
              ...(options.cases !== undefined && { cases: options.cases }),
            },
            io,
          ),
        );
      });

    try {
      await program.parseAsync([...args], { from: 'user' });
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error;
      return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    }
    return code;
  };
}

function runOptions(options: { config?: string; policy?: string[]; logLevel?: string; logFormat?: string }) {
  return {
    config: options.config ?? null,
    policies: options.policy ?? [],
    logLevel: (options.logLevel ?? null) as 'debug' | 'info' | 'warn' | 'error' | null,
    logFormat: (options.logFormat ?? null) as 'json' | 'pretty' | 'mom' | null,
  };
}

function levelOption(): Option {
  return new Option('--log-level <level>', 'the least important messages to write').choices(['debug', 'info', 'warn', 'error']);
}

function formatOption(): Option {
  return new Option('--log-format <format>', 'json, pretty (for people) or mom (the line shape of MOM)').choices(['json', 'pretty', 'mom']);
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

function parseInterval(text: string): number {
  const parsed = parseDuration(text);
  if ('problem' in parsed) throw new InvalidArgumentError(parsed.problem);
  if (parsed.value === 0) throw new InvalidArgumentError('an interval is longer than nothing');
  return parsed.value;
}
