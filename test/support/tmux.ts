import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hasProgram } from './has-program.ts';

/** `tmux --version` is an error. */
export function hasTmux(): boolean {
  return hasProgram('tmux', '-V');
}

export interface TmuxChoice {
  /** For the socket of the server. */
  readonly folder: string;
  /** For a shell. */
  readonly command: string;
  readonly columns: number;
  readonly rows: number;
  /** The name of the terminal. */
  readonly term?: string;
}

/** A terminal with a program in it, of a tmux server of its own. */
export class Tmux {
  readonly #server: string;
  readonly #status: string;

  constructor({ folder, command, columns, rows, term = 'tmux-256color' }: TmuxChoice) {
    this.#server = join(folder, 'tmux');
    this.#tmux('-f', '/dev/null', 'new-session', '-d', '-x', String(columns), '-y', String(rows), 'sh');
    this.#tmux('set-option', '-g', 'remain-on-exit', 'on');
    this.#tmux('set-option', '-g', 'status', 'off');
    // tmux itself sometimes does not know how a program ended.
    this.#status = join(folder, 'tmux-status');
    rmSync(this.#status, { force: true });
    this.#tmux('respawn-pane', '-k', `trap : INT; TERM=${term} ${command}; echo $? > ${this.#status}`);
  }

  /** What is on the screen. @param options of capture-pane: `-e` includes colours */
  screen(...options: readonly string[]): string {
    return this.#tmux('capture-pane', '-p', ...options);
  }

  press(...keys: readonly string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** null: the program runs. */
  exitStatus(): number | null {
    const status = existsSync(this.#status) ? readFileSync(this.#status, 'utf8') : '';
    // Made, but not written yet: it is empty.
    return status.endsWith('\n') ? Number(status) : null;
  }

  close(): void {
    this.#tmux('kill-server');
  }

  #tmux(...args: readonly string[]): string {
    return execFileSync('tmux', ['-u', '-S', this.#server, ...args], { encoding: 'utf8', stdio: 'pipe' });
  }
}
