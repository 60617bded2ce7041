import type { Command } from 'commander';
import type { Io } from './support/io.ts';
import type { Signals } from './support/signals.ts';

/** What every command is given. */
export interface CommandContext {
  readonly io: Io;
  readonly signals: Signals;
  /**
   * Makes a commander action of a command's work. The number that the work resolves to is the exit code (see `EXIT`). An
   * `OperatorError` that it throws is written to standard error, and the exit code is then 2.
   */
  action<Args extends readonly unknown[]>(work: (...args: Args) => Promise<number>): (...args: Args) => Promise<void>;
}

/** One command, with its subcommands: a file in `commands/` and a line in the list of `program.ts`. */
export interface CommandModule {
  /**
   * Adds the command to the program: name, description, arguments, options, help and action. What the action needs is
   * imported inside the action, so that no command pays for the start of another one.
   */
  define(program: Command, context: CommandContext): void;
  /** Puts arguments that commander would misread into a form that it understands. Absent: they stay as they are. */
  arrange?(args: readonly string[]): readonly string[];
}
