import { pino } from 'pino';
import type { Level, LogFn, Logger } from 'pino';
import { safeGuestName } from '../../model/guest-name.ts';
import { boundedLine } from './bounds.ts';
import type { Destination } from './destination.ts';
import { momFormat } from './mom.ts';
import { prettyFormat } from './pretty.ts';
import { RateLimit } from './rate-limit.ts';

export type LogFormat = 'json' | 'pretty' | 'mom';
export type LogLevel = Exclude<Level, 'trace' | 'fatal'>;

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly destination: Destination;
  /** Milliseconds since the epoch; in a replay, the recorded time. */
  readonly clock?: () => number;
  /** Whether repeated warnings and errors are left out. */
  readonly isLimited?: boolean;
  /** Called once when the destination stops accepting lines; the program continues. */
  readonly onError?: (error: NodeJS.ErrnoException) => void;
}

export interface Log {
  /** The logger of a component (`balloon`, `policy`); the same instance for the same name. */
  of(component: string): Logger;
  setLevel(level: LogLevel): void;
  /** For SIGHUP: reopens a log file that was moved. */
  reopen(): void;
  /** Waits up to one second for buffered lines. */
  close(): Promise<void>;
}

/** Returns the logger of a component; the formats derive the printed name from it. */
export type LoggerOf = Log['of'];

export function createLogger({
  level,
  format,
  destination,
  clock = Date.now,
  isLimited = false,
  onError,
}: LoggerOptions): Log {
  const render = formatter(format, destination.isTTY);
  const root = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date(clock()).toISOString()}"`,
      ...(isLimited && { hooks: { logMethod: limited(new RateLimit(clock)) } }),
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => destination.write(render(boundedLine(line))) },
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
      // Child loggers do not follow later changes of the root's level.
      for (const logger of [root, ...components.values()]) logger.level = next;
    },
    reopen: () => destination.reopen(),
    close: () => destination.close(),
  };
}

const WARN = 40;

/** A hook that leaves out warnings and errors beyond their rate, and says so once. */
function limited(rates: RateLimit) {
  return function logMethod(this: Logger, args: Parameters<LogFn>, write: LogFn, level: number): void {
    if (level < WARN) return write.apply(this, args);
    const [fields] = args as readonly unknown[];
    const { guest, uuid } = (typeof fields === 'object' ? (fields ?? {}) : {}) as { guest?: unknown; uuid?: unknown };
    const verdict = rates.take(String(this.bindings()['name']), typeof uuid === 'string' ? uuid : null);
    const whose = typeof guest === 'string' ? ` about guest:${safeGuestName(guest)}` : '';
    const about = { ...(guest !== undefined && { guest, uuid }) };
    if (verdict.kind === 'first-left-out')
      write.call(this, about, `Too many messages${whose}: most of the following ones are left out`);
    if (verdict.kind !== 'write') return;
    if (verdict.leftOut > 0) write.call(this, about, `${verdict.leftOut} messages${whose} were left out`);
    write.apply(this, args);
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
