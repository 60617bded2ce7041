import { spawn } from 'node:child_process';
import { isAbsolute, join } from 'node:path';
import { EXIT } from './cli/support/exit-codes.ts';
import { buildProgram } from './cli/program.ts';
import type { Io } from './cli/support/io.ts';
import { readUtf8 } from './cli/support/read-utf8.ts';
import { serviceEnvironment } from './cli/support/service-environment.ts';
import { unwritable } from './model/file-errors.ts';

const io: Io = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  readFile: readUtf8,
  pid: process.pid,
  userRuntime: process.env['XDG_RUNTIME_DIR'] || undefined,
  userCache: userCache(process.env['XDG_CACHE_HOME'], process.env['HOME']),
  service: serviceEnvironment(process.env, process.pid),
  terminal: { name: process.env['TERM'], noColor: Boolean(process.env['NO_COLOR']) },
};

/** Maximum time for a shutdown, milliseconds: the process exits within 5 s after a signal, even if a disk hangs. */
const SHUTDOWN_MS = 4800;

/** A shell script that kills its parent, the daemon, unless it has exited after a short delay. */
const KILL_PARENT =
  'sleep 0.15; read -r pid name state parent rest < /proc/$$/stat; [ "$parent" = "$PPID" ] && kill -9 "$PPID"';

/** Maximum time for an orderly exit after an internal error, milliseconds. */
const DEFECT_MS = 1000;

// The first signal requests an orderly shutdown; the second exits at once.
const stop = new AbortController();
for (const [signal, number] of [
  ['SIGTERM', 15],
  ['SIGINT', 2],
] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) return exitNow(128 + number);
    stop.abort();
    setTimeout(() => {
      process.stderr.write(`ballast: shutdown did not finish within ${SHUTDOWN_MS / 1000} s; exiting anyway\n`);
      exitNow(EXIT.problems);
    }, SHUTDOWN_MS).unref();
  });
}
const reloadListeners: (() => void)[] = [];
process.on('SIGHUP', () => {
  for (const listener of reloadListeners) listener();
});

// Without a listener, Node opens a debugger port on this signal, through which any local user could run code as this user.
process.on('SIGUSR1', () => {});

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader closed its end (head, a closed terminal); this is not an error.
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  process.stderr.write(`standard output cannot be written: ${unwritable(error) ?? error.message}\n`);
  process.exit(EXIT.problems);
});
// Ignored: there is nowhere to report it, and the daemon must not exit because nobody reads its log.
process.stderr.on('error', () => {});

process.on('uncaughtException', (error) => {
  reportDefect(error);
  process.exit(EXIT.defect);
});

const program = buildProgram(io, {
  stop: stop.signal,
  onReload: (listener) => reloadListeners.push(listener),
  isAlive,
});
try {
  process.exitCode = await program(process.argv.slice(2));
} catch (error) {
  reportDefect(error);
  process.exitCode = EXIT.defect;
  // A plugin may keep the event loop alive; force the exit.
  setTimeout(() => process.exit(EXIT.defect), DEFECT_MS).unref();
}

/** Relative paths are to be ignored (XDG Base Directory Specification). */
function userCache(cacheHome = '', home = ''): string | undefined {
  if (isAbsolute(cacheHome)) return cacheHome;
  return isAbsolute(home) ? join(home, '.cache') : undefined;
}

/** Exits now. `process.exit` waits for worker threads, which a hanging file system can block forever; a child then kills the process. */
function exitNow(code: number): never {
  spawn('sh', ['-c', KILL_PARENT], { detached: true, stdio: 'ignore' }).on('error', () => {});
  process.exit(code);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // The process exists but belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Expected errors were handled before: this is a bug, so print the stack. */
function reportDefect(error: unknown): void {
  process.stderr.write(
    `ballast: internal error, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
}
