import type { ParamOverride } from '../../model/parameter.ts';
import { OperatorError } from '../../support/operator-error.ts';
import type { CommandModule } from '../command.ts';
import { policyOption, recordingConfigOption, recordingParamOption } from '../options.ts';
import type { RecordedChoice } from '../handlers/eval-recorded.ts';

const HELP = `
With --recording and --at, Host and Guests are those of the last interval at or
before that time, with their history. A recording contains no policies: with
--policy, its functions and parameters can be used, and its variables and timers
are those after a replay up to that time. Nothing is written to any host.

  ballast eval --recording day.gz --at 03:12 '(sum Guests vm vm.balloon_cur)'
  ballast eval --recording day.gz --at last --guest web-1 -e vm.mem_unused`;

interface Options {
  readonly expression?: string;
  readonly cases?: string;
  readonly recording?: string;
  readonly at?: string;
  readonly guest?: string;
  readonly config?: string;
  readonly policy?: readonly string[];
  readonly param?: readonly ParamOverride[];
}

export const evalCommand: CommandModule = {
  define(program, { io, action }) {
    program
      .command('eval')
      .argument('[file]', 'a policy file, or an expression in brackets; without it or -e, start an interactive prompt')
      .description('evaluate policy language expressions')
      .option('-e, --expression <text>', 'the expression to evaluate')
      .option(
        '--cases <file>',
        'evaluate cases from a JSON Lines file (- for standard input); print one JSON line for each',
      )
      .option('--recording <file>', 'a recording, or the directory of a rotated one, to take host and guests from')
      .option('-a, --at <time>', 'the time in the recording, as for explain: 03:12:40, +5min from the start, last')
      .option('-g, --guest <name>', 'a guest of the recording, by name or UUID, that vm stands for')
      .addOption(recordingConfigOption())
      .addOption(policyOption('a policy file to evaluate first, used instead of those in the config; repeatable'))
      .addOption(recordingParamOption())
      .addHelpText('after', HELP)
      .action(
        action(async (file: string | undefined, options: Options) => {
          const { evaluateExpressions } = await import('../handlers/eval.ts');
          const { expression, cases } = options;
          return evaluateExpressions(
            {
              file: file ?? null,
              expression: expression ?? null,
              cases: cases ?? null,
              recorded: recordedChoice(options),
            },
            io,
          );
        }),
      );
  },
};

/** @throws OperatorError */
function recordedChoice({ recording, at, guest, config, policy, param }: Options): RecordedChoice | null {
  if (recording === undefined) {
    const of = { '--at': at, '--guest': guest, '--config': config, '--policy': policy, '--param': param };
    const [lonely] = Object.entries(of).find(([, value]) => value !== undefined) ?? [];
    if (lonely !== undefined)
      throw new OperatorError(`${lonely} is only for a recording: add --recording FILE --at TIME`);
    return null;
  }
  if (at === undefined) throw new OperatorError('--recording needs a time in it: --at TIME, such as --at last');
  return {
    ...{ recording, at },
    guest: guest ?? null,
    config: config ?? null,
    policies: policy ?? [],
    parameters: param ?? [],
  };
}
