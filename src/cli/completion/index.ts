import { bashCompletion } from './bash.ts';
import type { CommandSpec } from './command-spec.ts';
import { fishCompletion } from './fish.ts';
import { zshCompletion } from './zsh.ts';

/** Writers of completion scripts, by the name of the shell. */
export const COMPLETIONS: Readonly<Record<'bash' | 'zsh' | 'fish', (program: CommandSpec) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};
