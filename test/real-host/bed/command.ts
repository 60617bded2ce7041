import { spawn } from 'node:child_process';

export interface CommandOptions {
  readonly signal?: AbortSignal;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** A command that could not be started or left with another code than 0; the message carries what it printed. */
export class CommandError extends Error {
  readonly output: string;

  constructor(message: string, output: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandError';
    this.output = output;
  }
}

/** Runs a command to its end and returns its standard output. Rejects with a {@link CommandError}, or with the signal's reason. */
export function command(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    options.signal?.throwIfAborted();
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      ...(options.env !== undefined && { env: options.env }),
      ...(options.signal !== undefined && { signal: options.signal }),
    });
    let stdout = '';
    let both = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      both += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      both += text;
    });
    const line = [program, ...args].join(' ');
    child.on('error', (error) => {
      reject(
        options.signal?.aborted === true
          ? options.signal.reason
          : new CommandError(`${line}: ${error.message}`, both, { cause: error }),
      );
    });
    child.on('close', (code, killedBy) => {
      if (code === 0) resolve(stdout);
      else
        reject(
          new CommandError(
            `${line}: ${killedBy === null ? `exit code ${code}` : `ended by ${killedBy}`}\n${both.trim()}`,
            both,
          ),
        );
    });
  });
}
