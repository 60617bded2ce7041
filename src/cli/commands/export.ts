import type { CommandModule } from '../command.ts';
import { pluginConfigOption } from '../options.ts';

interface Options {
  readonly parquet: string;
  readonly host?: string;
  readonly config?: string;
}

const HELP = `
Tables: host, guests, decisions, holds. Files:
DIR/TABLE/date=YYYY-MM-DD/host=NAME/START.parquet, dates in UTC. Units are in
the names of columns. A recording that is exported again replaces its own files
and no others, so that many hosts can share a directory. DuckDB reads a table by
  SELECT * FROM read_parquet('DIR/guests/**/*.parquet')`;

export const exportCommand: CommandModule = {
  define(program, { io, signals, action }) {
    program
      .command('export')
      .argument('<recording...>', 'the recordings, also of several hosts; a directory stands for the files in it')
      .description('write recordings as Parquet tables, for DuckDB, Spark and others')
      .requiredOption('--parquet <dir>', 'the directory of the tables')
      .option('--host <name>', 'the name of the host, instead of the recorded one')
      .addOption(pluginConfigOption())
      .addHelpText('after', HELP)
      .action(
        action(async (recordings: string[], { parquet, host, config }: Options) => {
          const { exportRecordings } = await import('../handlers/export.ts');
          const { vocabularyFor } = await import('../../compose/vocabulary.ts');
          const vocabulary = await vocabularyFor(config ?? null);
          return exportRecordings({ recordings, root: parquet, host: host ?? null }, io, signals.stop, vocabulary);
        }),
      );
  },
};
