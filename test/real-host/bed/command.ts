import { spawn } from 'node:child_process';

export interface CommandOptions {
  readonly signal?: AbortSignal;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** A command could not be started or failed. The message includes its output. */
export class CommandError extends Error {
  readonly output: string;

  constructor(message: string, output: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandError';
    this.output = output;
  }
}

/** Runs a command and resolves to its standard output. Rejects with a {@link CommandError}, or with the signal's reason. */
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
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const line = [program, ...args].join(' ');
    child.on('error', (error) => {
      reject(
        options.signal?.aborted === true
          ? options.signal.reason
          : new CommandError(`${line}: ${error.message}`, output, { cause: error }),
      );
    });
    child.on('close', (code, killedBy) => {
      if (code === 0) resolve(stdout);
      else
        reject(
          new CommandError(
            `${line}: ${killedBy === null ? `exit code ${code}` : `ended by ${killedBy}`}\n${output.trim()}`,
            output,
          ),
        );
    });
  });
}
