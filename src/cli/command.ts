import type { Command } from 'commander';
import type { Io } from './support/io.ts';
import type { Signals } from './support/signals.ts';

/** Passed to every command. */
export interface CommandContext {
  readonly io: Io;
  readonly signals: Signals;
  /**
   * Wraps a command's work as a commander action. `work` resolves to the exit code (see `EXIT`). If it throws an
   * `OperatorError`, the message is written to standard error and the exit code is 2.
   */
  action<Args extends readonly unknown[]>(work: (...args: Args) => Promise<number>): (...args: Args) => Promise<void>;
}

/** One command, with its subcommands: a file in `commands/` and a line in the list of `program.ts`. */
export interface CommandModule {
  /**
   * Adds the command to the program: name, description, arguments, options, help and action. Actions import their
   * handlers dynamically, so that each command loads only its own modules.
   */
  define(program: Command, context: CommandContext): void;
  /** Rewrites arguments that commander would misparse. Absent: no rewriting. */
  rewriteArgs?(args: readonly string[]): readonly string[];
}
