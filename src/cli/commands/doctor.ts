import type { CommandModule } from '../command.ts';
import { configOption, jsonOption } from '../options.ts';

const HELP = `
Changes nothing. Each finding states what was found, why it matters and what to
do about it. A hindrance costs memory or puts guests at risk; advice is
optional.

Exit codes: 0 no hindrance; 1 at least one; 2 none found, but not everything
could be checked.`;

interface Options {
  readonly config?: string;
  readonly json?: boolean;
}

export const doctorCommand: CommandModule = {
  define(program, { io, signals, action }) {
    program
      .command('doctor')
      .description('find what hinders memory overcommit on this host and in its guests, and what to do about it')
      .addOption(
        configOption(
          'the config file, for libvirt, the controllers and directories; default: /etc/ballast/ballast.yaml if it can be read, else built-in settings',
        ),
      )
      .addOption(jsonOption('print the findings as JSON'))
      .addHelpText('after', HELP)
      .action(
        action(async (options: Options) => {
          const { examineHost } = await import('../handlers/doctor.ts');
          return examineHost({ config: options.config ?? null, json: options.json === true }, io, signals.stop);
        }),
      );
  },
};
