import { prettyFactory } from 'pino-pretty';
import { readRecord, stackLines } from './record.ts';

/** These stand in the message already. */
const SAID = ['control', 'from', 'to', 'wanted', 'guest', 'uuid', 'collector'];

/** One line for people: local time, level, component, message, then as JSON the fields that the message does not tell. */
export function prettyFormat(colorize: boolean): (line: string) => string {
  const pretty = prettyFactory({
    colorize,
    colorizeObjects: false,
    singleLine: true,
    ignore: SAID.join(','),
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l',
  });
  return (line) => {
    const record = readRecord(line);
    const { err, ...rest } = record;
    return `${pretty(rest) ?? ''}${stackLines(record)}`;
  };
}
