import type { Command } from 'commander';
import { COMPLETIONS } from '../completion/index.ts';
import { specOf } from '../completion/command-spec.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';

/** `ballast completion`: a completion script for all commands of the program. */
export async function printCompletion(
  shell: keyof typeof COMPLETIONS,
  program: Command,
  io: Pick<Io, 'stdout'>,
): Promise<number> {
  io.stdout.write(COMPLETIONS[shell](specOf(program)));
  return EXIT.ok;
}
