import type { CommandModule } from '../command.ts';
import { jsonOption } from '../options.ts';
import type { DaemonChoice } from '../support/daemon-client.ts';
import { daemonOptions } from '../support/daemon-options.ts';

interface Options extends DaemonChoice {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export const releaseCommand: CommandModule = {
  define(program, { io, signals, action }) {
    const command = program
      .command('release')
      .argument('[guest...]', 'names or UUIDs of guests; default: all')
      .description('give guests back what their balloons took, as far as the guards allow')
      .option('-n, --dry-run', 'show what would be given back')
      .addOption(jsonOption('print what was done as JSON, as /v1/release in docs/openapi.json'))
      .addHelpText(
        'after',
        [
          '',
          'A running daemon does it, once, and its policies go on: "ballast pause GUEST"',
          'keeps them from taking the memory back. Without a daemon it is done through',
          'libvirt, by the guards of the config.',
          '',
          'Exit code 1: something was left; each line says why.',
        ].join('\n'),
      )
      .action(
        action(async (guests: readonly string[], options: Options) => {
          const { release } = await import('../handlers/release.ts');
          const { dryRun = false, json = false, ...choice } = options;
          return release({ ...choice, guests, dryRun, json }, io, signals.stop);
        }),
      );
    const doc = 'the config of the daemon; without a running daemon also for libvirt, the guards and plugins';
    for (const option of daemonOptions(doc)) command.addOption(option);
  },
};
