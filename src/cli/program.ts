import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../yaml/units.ts';
import { NAME_PATTERN, NAME_PATTERN_FORM } from '../model/guest-pattern.ts';
import { LABEL, LABEL_FORM } from '../model/labels.ts';
import type { ParamOverride, ParamTarget } from '../model/parameter.ts';
import { EXIT } from './support/exit-codes.ts';
import type { Io } from './support/io.ts';
import { withNegativeValue } from './support/negative-value.ts';
import type { Signals } from './handlers/run.ts';
import { VERSION } from './version.ts';

const REPLAY_HELP = `
A replay shows what the policy would decide at each recorded moment, without the consequences of its decisions: the
next recorded moment is as it was, whatever was decided before. Read it as "what would it have done here", not as
"what would have become of the host".`;

const EXPLAIN_HELP = `
What is explained is the last evaluation at or before the time. A recording holds figures and decisions, not policies: give
the policy that ran, or another one to see what it would have made of the same moment.`;

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
      // Else "params" would take the options of "params set" for its own.
      .enablePositionalOptions()
      .exitOverride()
      .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
      .showHelpAfterError('(see --help)')
      .addHelpText('after', EXIT_CODES_HELP);

    const policyOption = () =>
      new Option(
        '-p, --policy <file>',
        'a policy file; may be given more than once, and replaces those of the config',
      ).argParser(collect);

    program
      .command('run')
      .description('watch this host and steer it, until told to stop')
      .option('-c, --config <file>', 'the config file; without one, the defaults')
      .addOption(policyOption())
      .option('--once', 'one interval, then leave')
      .option('-n, --dry-run', 'decide and log, but change nothing')
      .addOption(paramOption('a value for a parameter of the policies, before all others; may be given more than once'))
      .addOption(levelOption())
      .addOption(formatOption())
      .action(async (options) => {
        const { runCommand } = await import('./handlers/run.ts');
        done(
          await runCommand(
            {
              ...runOptions(options),
              parameters: options.param ?? [],
              once: options.once === true,
              dryRun: options.dryRun === true,
              observeOnly: false,
              record: null,
            },
            io,
            signals,
          ),
        );
      });

    program
      .command('record')
      .argument('<file>', 'where to; .jsonl, or .jsonl.gz to compress')
      .description('record what the host does, for replay, without evaluating any policy and without changing anything')
      .option('-c, --config <file>', 'the config file; without one, the defaults')
      .addOption(levelOption())
      .addOption(formatOption())
      .action(async (file: string, options) => {
        const { runCommand } = await import('./handlers/run.ts');
        done(
          await runCommand(
            { ...runOptions(options), once: false, dryRun: true, observeOnly: true, record: file },
            io,
            signals,
          ),
        );
      });

    program
      .command('replay')
      .argument('<file...>', 'recordings')
      .description('show what a policy would decide at each moment of a recording')
      .option('-c, --config <file>', 'a config file, for its policies, balloon settings and plugins')
      .addOption(policyOption())
      .addOption(
        paramOption(
          'a value for a parameter of the policies, in place of what was recorded; may be given more than once',
        ),
      )
      .option(
        '--policy-interval <duration>',
        'how often to evaluate, such as 30s; otherwise as it was when recorded',
        parseInterval,
      )
      .option('--json', 'one JSON object a line: each evaluation, then the summary')
      .option('-q, --quiet', 'only the summary')
      .addOption(formatOption().default('pretty'))
      .addHelpText('after', REPLAY_HELP)
      .action(async (files: string[], options) => {
        const { replayCommand } = await import('./handlers/replay.ts');
        done(
          await replayCommand(
            {
              files,
              policies: options.policy ?? [],
              parameters: options.param ?? [],
              config: options.config ?? null,
              json: options.json === true,
              quiet: options.quiet === true,
              logFormat: options.logFormat,
              policyIntervalMs: options.policyInterval ?? null,
            },
            io,
            signals.stop,
          ),
        );
      });

    program
      .command('explain')
      .argument('<file>', 'a recording')
      .description('show how a policy came to a decision, or why it decided nothing, at one moment of a recording')
      .requiredOption(
        '-a, --at <time>',
        'the moment: 03:12:40 (local; with a Z in UTC), 2026-01-02T03:12:40Z, or +5min from the beginning',
      )
      .option('-g, --guest <name>', 'the guest, by name or uuid; without one, the decisions for the host')
      .option('-c, --config <file>', 'a config file, for its policies, balloon settings and plugins')
      .addOption(policyOption())
      .addOption(
        paramOption(
          'a value for a parameter of the policies, in place of what was recorded; may be given more than once',
        ),
      )
      .option('--json', 'the explanation as one JSON object')
      .addHelpText('after', EXPLAIN_HELP)
      .action(async (file: string, options) => {
        const { explainCommand } = await import('./handlers/explain.ts');
        done(
          await explainCommand(
            {
              file,
              at: options.at,
              guest: options.guest ?? null,
              policies: options.policy ?? [],
              parameters: options.param ?? [],
              config: options.config ?? null,
              json: options.json === true,
            },
            io,
          ),
        );
      });

    program
      .command('check')
      .argument(
        '<path...>',
        'policy files, or directories (their *.policy and *.rules files); several form one program, as they do when they run',
      )
      .description('find the mistakes in policies before anything runs; exit code 1 if there are any')
      .option('-c, --config <file>', 'a config file, for the plugins of this site')
      .option('--json', 'the diagnostics as JSON')
      .action(async (paths: string[], options) => {
        const { checkCommand } = await import('./handlers/check.ts');
        const { policyPaths } = await import('./support/policy-arguments.ts');
        const { vocabularyFor } = await import('../compose/vocabulary.ts');
        const found = await vocabularyFor(options.config ?? null);
        if ('error' in found) {
          io.stderr.write(`${found.error}\n`);
          return done(EXIT.usage);
        }
        const { files, problems } = await policyPaths(paths);
        if (problems.length > 0) {
          io.stderr.write(`${problems.join('\n')}\n`);
          return done(EXIT.usage);
        }
        done(await checkCommand({ files, json: options.json === true }, io, found.vocabulary));
      });

    program
      .command('lsp')
      .description('the language server for editors, over standard input and output')
      .option(
        '-c, --config <file>',
        'a config file, for the plugins of this site and the policy files that form one program',
      )
      .option('--stdio', 'as many editors say it; there is no other way')
      .action(async (options) => {
        const { lspCommand } = await import('./handlers/lsp.ts');
        done(await lspCommand({ config: options.config ?? null }, io, signals));
      });

    const params = program
      .command('params')
      .description('the parameters of the policies: what they are, what is set, and where')
      .option('-c, --config <file>', 'the config file, for its policies and what it sets')
      .addOption(policyOption())
      .option('--json', 'as JSON')
      .action(async (options) => {
        const { paramsCommand } = await import('./handlers/params-list.ts');
        done(
          await paramsCommand(
            { config: options.config ?? null, policies: options.policy ?? [], json: options.json === true },
            io,
          ),
        );
      })
      .enablePositionalOptions();

    const editOf = (what: Command) =>
      what
        .requiredOption('-c, --config <file>', 'the config file, which names the parameters file')
        .addOption(new Option('--label <label>', 'only for guests with this label').argParser(parseLabel))
        .addOption(
          new Option('--guest <pattern>', 'only for guests whose names match: * is any text, ? one character')
            .argParser(parsePattern)
            .conflicts('label'),
        );

    editOf(
      params.command('set').argument('<name>').argument('<value>', 'as a policy would write it: 25%, 512MiB, 30s, -5'),
    )
      .description('set a parameter while the daemon runs, by an entry in the parameters file')
      .action(async (name: string, given: string, options: EditOptions) => {
        const { paramsEditCommand } = await import('./handlers/params-edit.ts');
        done(
          await paramsEditCommand({ config: options.config, change: { name, given, target: targetOf(options) } }, io),
        );
      });

    editOf(params.command('unset').argument('<name>'))
      .description('take an entry out of the parameters file')
      .action(async (name: string, options: EditOptions) => {
        const { paramsEditCommand } = await import('./handlers/params-edit.ts');
        done(
          await paramsEditCommand(
            { config: options.config, change: { name, given: null, target: targetOf(options) } },
            io,
          ),
        );
      });

    program
      .command('fmt')
      .argument('<path...>', 'policy files, directories (their *.policy and *.rules files), or - for standard input')
      .description('give policies their one layout, in place; prints the files that it changes')
      .option('--check', 'write nothing; print what would change, exit code 1 if anything would')
      .option('--diff', 'write nothing; show what would change')
      .action(async (paths: string[], options) => {
        const { fmtCommand } = await import('./handlers/fmt.ts');
        done(await fmtCommand({ paths, check: options.check === true, diff: options.diff === true }, io));
      });

    program
      .command('test')
      .argument('[file...]', 'test files, or directories with *.test.yaml')
      .description('run the tests of policies; exit code 1 if one fails')
      .option('-c, --config <file>', 'a config file, for the plugins of this site')
      .option('-f, --filter <text>', 'only cases that have this in their name')
      .option('--coverage', 'show what of the policies no case has come to')
      .option('--min-coverage <percent>', 'fail if fewer of the branches of a policy were taken', parsePercent)
      .option('--junit <file>', 'write a report for CI servers too')
      .option('--json', 'the results as JSON')
      .option('--schema', 'run nothing; print the JSON Schema of test files, by which editors complete them')
      .action(async (files: string[], options, command: Command) => {
        if (files.length === 0 && options.schema !== true) command.error("error: missing required argument 'file'");
        const { testCommand } = await import('./handlers/test.ts');
        const { vocabularyFor } = await import('../compose/vocabulary.ts');
        const found = await vocabularyFor(options.config ?? null);
        if ('error' in found) {
          io.stderr.write(`${found.error}\n`);
          return done(EXIT.usage);
        }
        if (options.schema === true) {
          const { policyTestJsonSchema } = await import('../tooling/testing/json-schema.ts');
          io.stdout.write(policyTestJsonSchema(found.vocabulary));
          return;
        }
        const { filter = null, coverage = false, minCoverage = null, junit = null, json = false } = options;
        done(
          await testCommand(
            { files, filter, coverage, minCoverage, junit, json, clock: () => performance.now() },
            io,
            found.vocabulary,
          ),
        );
      });

    program
      .command('docs')
      .description('the reference of the policy language: every function, field and control, from their declarations')
      .option('-c, --config <file>', 'a config file, for the plugins of this site')
      .option('-o, --output <file>', 'where to; otherwise standard output')
      .option('--check <file>', 'write nothing; exit code 1 if the file is not what would be written')
      .action(async (options) => {
        const { docsCommand } = await import('./handlers/docs.ts');
        const { pluginsFor } = await import('../compose/vocabulary.ts');
        const found = await pluginsFor(options.config ?? null);
        if ('error' in found) {
          io.stderr.write(`${found.error}\n`);
          return done(EXIT.usage);
        }
        done(await docsCommand({ output: options.output ?? null, check: options.check ?? null }, io, found.plugins));
      });

    program
      .command('eval')
      .argument('[file]', 'a policy file; without one and without -e, a prompt')
      .description('evaluate expressions of the policy language')
      .option('-e, --expression <text>', 'an expression')
      .option('--cases <file>', 'cases as JSON lines (- for standard input), an answer as a JSON line for each')
      .action(async (file: string | undefined, options) => {
        const { evalCommand } = await import('./handlers/eval.ts');
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
      await program.parseAsync([...withNegativeValue(args)], { from: 'user' });
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
  return new Option('--log-level <level>', 'the least important messages to write').choices([
    'debug',
    'info',
    'warn',
    'error',
  ]);
}

function formatOption(): Option {
  return new Option('--log-format <format>', 'json, pretty (for people) or mom (the line shape of MOM)').choices([
    'json',
    'pretty',
    'mom',
  ]);
}

function paramOption(what: string): Option {
  return new Option('--param <name=value>', what).argParser(collectParam);
}

function collectParam(text: string, before: readonly ParamOverride[] = []): ParamOverride[] {
  const [, name, given] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || given === undefined) throw new InvalidArgumentError('write NAME=VALUE');
  // Of two for one name the later counts.
  return [{ name, given, target: { kind: 'all' } }, ...before];
}

interface EditOptions {
  readonly config: string;
  readonly label?: string;
  readonly guest?: string;
}

function targetOf({ label, guest }: EditOptions): ParamTarget {
  if (label !== undefined) return { kind: 'label', label };
  return guest === undefined ? { kind: 'all' } : { kind: 'guest', pattern: guest };
}

function parseLabel(text: string): string {
  if (!LABEL.test(text)) throw new InvalidArgumentError(`a label is ${LABEL_FORM}`);
  return text;
}

function parsePattern(text: string): string {
  if (!NAME_PATTERN.test(text)) throw new InvalidArgumentError(`write ${NAME_PATTERN_FORM}`);
  return text;
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

function parsePercent(text: string): number {
  const percent = Number(text.replace(/%$/, ''));
  if (text.trim() === '' || !(percent >= 0 && percent <= 100))
    throw new InvalidArgumentError('write a percentage from 0 to 100');
  return percent;
}
