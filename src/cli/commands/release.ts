import type { CommandModule } from '../command.ts';
import { configOption } from '../options.ts';

interface Options {
  readonly config?: string;
  readonly dryRun?: boolean;
}

export const releaseCommand: CommandModule = {
  define(program, { io, signals, action }) {
    program
      .command('release')
      .argument('[guest...]', 'names or UUIDs of guests; default: all')
      .description('give guests back what their balloons took, as far as the guards allow, while no daemon runs')
      .addOption(configOption('the config file, for libvirt, the guards and plugins; its policies are not used'))
      .option('-n, --dry-run', 'show what would be given back')
      .addHelpText('after', '\nExit code 1: something was left; each line says why.')
      .action(
        action(async (guests: readonly string[], options: Options) => {
          const { releaseGuests } = await import('../handlers/release.ts');
          return releaseGuests(
            { guests, config: options.config ?? null, dryRun: options.dryRun === true },
            io,
            signals.stop,
          );
        }),
      );
  },
};
