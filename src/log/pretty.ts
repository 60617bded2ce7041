import { prettyFactory } from 'pino-pretty';
import { readRecord, stackLines } from './record.ts';

/** One line for people: local time, level, component, message, then the fields as JSON. */
export function prettyFormat(colorize: boolean): (line: string) => string {
  const pretty = prettyFactory({ colorize, colorizeObjects: false, singleLine: true, translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l' });
  return (line) => {
    const record = readRecord(line);
    const { err, ...rest } = record;
    return `${pretty(rest) ?? ''}${stackLines(record)}`;
  };
}
