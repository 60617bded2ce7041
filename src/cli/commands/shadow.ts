import type { ParamOverride } from '../../model/parameter.ts';
import type { CommandModule } from '../command.ts';
import { jsonOption, policyOption, recordingParamOption, shadowOption, shadowParamOption } from '../options.ts';
import { daemonOptions } from '../support/daemon-options.ts';

interface Options {
  readonly config?: string;
  readonly socket?: string;
  readonly policy?: readonly string[];
  readonly param?: readonly ParamOverride[];
  readonly shadow?: readonly string[];
  readonly shadowParam?: readonly ParamOverride[];
  readonly json?: boolean;
}

const HELP = `
Without a recording: what the shadow of the running daemon would have decided.
With recordings: two policies over the same statistics, those of the config
unless --policy and --shadow name others.

Nothing that a shadow decides is written, so guests and host do not follow it:
each decision starts from the world that the policy has made.

Examples:
  ballast shadow
  ballast shadow day.jsonl.gz --policy now.policy --shadow new.policy
  ballast shadow day.jsonl.gz -c ballast.yaml --shadow-param spare_share=30%

Exit codes: 0 compared; 1 a recording is damaged, up to there; 2 there is no
shadow or no recording, or no daemon answers.`;

export const shadowCommand: CommandModule = {
  define(program, { io, signals, action }) {
    const command = program
      .command('shadow')
      .argument('[recording...]', 'recordings; default: the running daemon')
      .description('show where a second policy would have decided otherwise')
      .addOption(policyOption())
      .addOption(recordingParamOption())
      .addOption(shadowOption())
      .addOption(shadowParamOption())
      .addOption(jsonOption('print JSON: "shadow" of /v1/status in docs/openapi.json; a line for each recording'))
      .addHelpText('after', HELP)
      .action(
        action(async (files: string[], options: Options) => {
          const { showShadow, compareRecordings } = await import('../handlers/shadow.ts');
          const json = options.json === true;
          if (files.length === 0) return showShadow(options, json, io);
          return compareRecordings(
            {
              ...{ files, json, config: options.config ?? null },
              policies: options.policy ?? [],
              parameters: options.param ?? [],
              shadow: { files: options.shadow ?? [], parameters: options.shadowParam ?? [] },
            },
            io,
            signals.stop,
          );
        }),
      );
    const config =
      'the config: its policies and shadow, or which daemon to ask; needed there only if it sets runtime_dir';
    for (const option of daemonOptions(config)) command.addOption(option);
  },
};
