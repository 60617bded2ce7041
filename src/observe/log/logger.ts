import { pino } from 'pino';
import type { Level, Logger } from 'pino';
import type { Destination } from './destination.ts';
import { momFormat } from './mom.ts';
import { prettyFormat } from './pretty.ts';

export type LogFormat = 'json' | 'pretty' | 'mom';
export type LogLevel = Exclude<Level, 'trace' | 'fatal'>;

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly destination: Destination;
  /** Milliseconds since the epoch: in a replay the recording's time. */
  readonly clock?: () => number;
  /** The destination does not accept lines; called once per failure. The program continues without them. */
  readonly onError?: (error: NodeJS.ErrnoException) => void;
}

export interface Log {
  /** The logger of one component (`balloon`, `policy`); always the same one for the same name. */
  of(component: string): Logger;
  setLevel(level: LogLevel): void;
  /** For SIGHUP: reopens a log file that was moved. */
  reopen(): void;
  /** Waits up to one second for buffered lines. */
  close(): Promise<void>;
}

/** Gives the logger of one component; the formats derive the name that they print from it. */
export type LoggerOf = Log['of'];

export function createLogger({ level, format, destination, clock = Date.now, onError }: LoggerOptions): Log {
  const render = formatter(format, destination.isTTY);
  const root = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date(clock()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => destination.write(render(line)) },
  );

  const components = new Map<string, Logger>();
  const of = (component: string): Logger => {
    let logger = components.get(component);
    if (logger === undefined) {
      logger = root.child({ name: component });
      components.set(component, logger);
    }
    return logger;
  };

  destination.listen({
    onError: (error) => onError?.(error),
    onRecovered: (lost) => of('log').warn({ lost }, `${lost} log lines were lost: the log could not be written`),
  });

  return {
    of,
    setLevel(next) {
      // A child keeps the level that it was made with.
      for (const logger of [root, ...components.values()]) logger.level = next;
    },
    reopen: () => destination.reopen(),
    close: () => destination.close(),
  };
}

function formatter(format: LogFormat, colorize: boolean): (line: string) => string {
  switch (format) {
    case 'json':
      return (line) => line;
    case 'pretty':
      return prettyFormat(colorize);
    case 'mom':
      return momFormat;
  }
}
