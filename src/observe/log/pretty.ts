import { prettyFactory } from 'pino-pretty';
import { readRecord, stackLines, withPlace } from './record.ts';

/** Fields whose values are already in the message. */
const IN_MESSAGE = ['control', 'from', 'to', 'wanted', 'guest', 'uuid', 'collector'];

/**
 * Human-readable lines: local time, level, component, message, its reason and what changed it, its place in the policy, then
 * as JSON the other fields that are not in the message.
 */
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
    const { err, msg = '', reason, notes, position, ...rest } = record;
    const because = [reason, ...(Array.isArray(notes) ? (notes as unknown[]) : [])].filter(
      (part) => typeof part === 'string',
    );
    const text = because.length === 0 ? msg : `${msg}: ${because.join('; ')}`;
    // The message of an error begins with its place.
    const isPlaced = typeof position !== 'string' || msg.includes(position);
    return `${pretty({ ...rest, msg: isPlaced ? text : withPlace(text, record) }) ?? ''}${stackLines(record)}`;
  };
}
