import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export interface ProcessOptions {
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** `pipe`: input comes from {@link RunningProcess.write}. Default: no input. */
  readonly stdin?: 'ignore' | 'pipe';
}

export interface Exit {
  /** null if a signal ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that a test started, with the lines it has printed so far. */
export class RunningProcess {
  readonly stdout: string[] = [];
  readonly stderr: string[] = [];
  /** Resolves when the process has exited and all its output is read. Rejects if it could not be started. */
  readonly exit: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #commandLine: string;
  readonly #watchers = new Set<() => void>();
  #ended: Exit | null = null;

  constructor(child: ChildProcess, commandLine: string) {
    this.#child = child;
    this.#commandLine = commandLine;
    this.#collect(child.stdout, this.stdout);
    this.#collect(child.stderr, this.stderr);
    this.exit = once(child, 'close').then(([code, signal]: unknown[]) => {
      const ended = { code: code as number | null, signal: signal as NodeJS.Signals | null };
      this.#ended = ended;
      this.#notify();
      return ended;
    });
    // Avoids an unhandled rejection in tests that do not await the exit.
    this.exit.catch(() => {});
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#commandLine} could not be started`);
    return this.#child.pid;
  }

  /**
   * Resolves to the first match in a line of either stream, including lines printed before the call; `after`, from {@link lineCount},
   * skips earlier lines. Rejects with the last lines if the process exits first or after the time limit.
   */
  waitForLine(
    pattern: RegExp,
    limitMs = 60_000,
    after: { stdout: number; stderr: number } = { stdout: 0, stderr: 0 },
  ): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.#watchers.delete(check);
        settle();
      };
      const check = (): void => {
        for (const line of [...this.stdout.slice(after.stdout), ...this.stderr.slice(after.stderr)]) {
          const match = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')).exec(line);
          if (match !== null) return finish(() => resolve(match));
        }
        const ended = this.#ended;
        if (ended !== null)
          finish(() => reject(new Error(this.#report(`ended (${describe(ended)}) without a line like ${pattern}`))));
      };
      const timer = setTimeout(
        () =>
          finish(() => reject(new Error(this.#report(`printed no line like ${pattern} within ${limitMs / 1000} s`)))),
        limitMs,
      );
      this.#watchers.add(check);
      check();
    });
  }

  /** The current number of lines, so that `waitForLine` can skip them. */
  lineCount(): { stdout: number; stderr: number } {
    return { stdout: this.stdout.length, stderr: this.stderr.length };
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  endInput(): void {
    this.#child.stdin?.end();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Sends the signal and waits for the exit; after the time limit, kills the process and rejects. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', limitMs = 30_000): Promise<Exit> {
    if (this.#ended !== null) return this.#ended;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        this.#child.kill('SIGKILL');
        reject(new Error(this.#report(`did not end within ${limitMs / 1000} s of ${signal}`)));
      }, limitMs);
    });
    this.#child.kill(signal);
    try {
      return await Promise.race([this.exit, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #collect(stream: Readable | null, into: string[]): void {
    if (stream === null) return;
    createInterface({ input: stream, crlfDelay: Infinity }).on('line', (line) => {
      into.push(line);
      this.#notify();
    });
  }

  #notify(): void {
    for (const check of [...this.#watchers]) check();
  }

  #report(what: string): string {
    return [`${this.#commandLine} ${what}. Its last lines:`, ...this.stdout.slice(-10), ...this.stderr.slice(-10)].join(
      '\n',
    );
  }
}

/** Starts a program. It is killed when this process exits, unless the test has stopped it. */
export function start(program: string, args: readonly string[], options: ProcessOptions = {}): RunningProcess {
  const child = spawn(program, args, {
    stdio: [options.stdin ?? 'ignore', 'pipe', 'pipe'],
    // Results of earlier runs would hide what has changed: nothing can be kept in a folder below a device.
    env: { ...process.env, XDG_CACHE_HOME: '/dev/null/cache', ...options.env },
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.removeListener('exit', kill));
  return new RunningProcess(child, [program, ...args].join(' '));
}

function describe(exit: Exit): string {
  return exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
}
