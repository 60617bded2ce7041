import { writeSync } from 'node:fs';
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { toDescriptor } from '../../../src/observe/log/destination.ts';
import { createLogger } from '../../../src/observe/log/logger.ts';

/** Run by hanging-log.test.ts: logs far more than a pipe holds to standard error, and tells of itself on standard output. */
const tell = (text: string) => writeSync(1, `${text}\n`);
const log = createLogger({
  level: 'info',
  format: 'json',
  destination: toDescriptor(2, false, 100_000),
  onError: (error) => tell(`error ${error.code}`),
});
for (let round = 0; round < 50; round++) {
  for (let i = 0; i < 200; i++) log.of('test').info('x'.repeat(100));
  await turnOfEventLoop();
}
tell('alive');
await log.close();
tell('closed');
process.exit(0);
