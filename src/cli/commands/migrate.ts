import type { CommandModule } from '../command.ts';
import { jsonOption } from '../options.ts';

interface Options {
  readonly output: string;
  readonly json?: boolean;
}

export const migrateCommand: CommandModule = {
  define(program, { io, action }) {
    program
      .command('migrate')
      .argument('<from>', 'a momd.conf, a ksmtuned.conf, or proxmox (or a copy of its directory /etc/pve)')
      .description('write a config and policies from the configuration of MOM, ksmtuned or Proxmox VE')
      .requiredOption(
        '-o, --output <folder>',
        'the folder for ballast.yaml and the policies; nothing in it is overwritten',
      )
      .addOption(jsonOption('what became of each setting, as JSON'))
      .addHelpText(
        'after',
        '\nEach setting is reported in a line; exit code 1 if Ballast has no equivalent for\nsome of them.',
      )
      .action(
        action(async (from: string, options: Options) => {
          const { migrateFrom } = await import('../handlers/migrate.ts');
          return migrateFrom({ from, folder: options.output, json: options.json === true }, io);
        }),
      );
  },
};
