import { Writable } from 'node:stream';
import { toStream } from '../../src/observe/log/destination.ts';
import { createLogger, type LoggerOf } from '../../src/observe/log/logger.ts';

/** A logger whose messages a test can read. */
export function capturedLog(): { readonly of: LoggerOf; readonly messages: () => readonly string[] } {
  const messages: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().split('\n').filter(Boolean))
        messages.push((JSON.parse(line) as { msg: string }).msg);
      done();
    },
  });
  const log = createLogger({ level: 'info', format: 'json', destination: toStream(stream), clock: () => 0 });
  return { of: log.of, messages: () => messages };
}
