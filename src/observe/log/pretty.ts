import { prettyFactory } from 'pino-pretty';
import { readRecord, stackLines } from './record.ts';

/** Fields whose values are already in the message. */
const IN_MESSAGE = ['control', 'from', 'to', 'wanted', 'guest', 'uuid', 'collector'];

/** Human-readable lines: local time, level, component, message, then as JSON the fields that are not in the message. */
export function prettyFormat(colorize: boolean): (line: string) => string {
  const pretty = prettyFactory({
    colorize,
    colorizeObjects: false,
    singleLine: true,
    ignore: IN_MESSAGE.join(','),
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l',
  });
  return (line) => {
    const record = readRecord(line);
    const { err, ...rest } = record;
    return `${pretty(rest) ?? ''}${stackLines(record)}`;
  };
}
