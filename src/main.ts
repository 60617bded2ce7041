import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { EXIT } from './cli/support/exit-codes.ts';
import { buildProgram } from './cli/program.ts';
import type { Io } from './cli/support/io.ts';
import { unwritable } from './model/file-errors.ts';

const io: Io = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  readFile: (path) => readFile(path, 'utf8'),
};

/** Whatever hangs (a disk, say) holds up nobody who asked to leave: within 5 s all is over. Milliseconds. */
const LEAVE_MS = 4800;

/** A moment later its parent is gone and another one is its parent, or it still is and does not get away. */
const KILL_PARENT =
  'sleep 0.15; read -r pid name state parent rest < /proc/$$/stat; [ "$parent" = "$PPID" ] && kill -9 "$PPID"';

/** After a defect, and after all was left in order that could be. Milliseconds. */
const DEFECT_MS = 1000;

// The first signal asks to leave in good order; the second is meant.
const stop = new AbortController();
for (const [signal, number] of [
  ['SIGTERM', 15],
  ['SIGINT', 2],
] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) return leave(128 + number);
    stop.abort();
    setTimeout(() => {
      process.stderr.write(`ballast: something did not end within ${LEAVE_MS / 1000} s, and was left behind\n`);
      leave(EXIT.problems);
    }, LEAVE_MS).unref();
  });
}
const reloadListeners: (() => void)[] = [];
process.on('SIGHUP', () => {
  for (const listener of reloadListeners) listener();
});

// Without a listener Node opens a debugger on this signal, which every user of the machine could use to run code as this one.
process.on('SIGUSR1', () => {});

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever reads our output may stop reading (head, a closed terminal): that is no failure of ours.
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  process.stderr.write(`standard output cannot be written: ${unwritable(error) ?? error.message}\n`);
  process.exit(EXIT.problems);
});
// There is nobody left to be told, and a daemon has better things to do than to end because its log is not read.
process.stderr.on('error', () => {});

process.on('uncaughtException', (error) => {
  tellDefect(error);
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
  tellDefect(error);
  process.exitCode = EXIT.defect;
  // A plugin may have left something behind that keeps the process: one that does nothing any more must not look alive.
  setTimeout(() => process.exit(EXIT.defect), DEFECT_MS).unref();
}

/** Ends now. Node's own exit waits for its threads: where the file system keeps one for good, somebody else has to end it. */
function leave(code: number): never {
  spawn('sh', ['-c', KILL_PARENT], { detached: true, stdio: 'ignore' }).on('error', () => {});
  process.exit(code);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whatever is foreseen was answered before: this is a bug, and its stack is the way to it. */
function tellDefect(error: unknown): void {
  process.stderr.write(
    `ballast: a defect, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
}
