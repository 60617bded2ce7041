import { writeSync } from 'node:fs';
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { toDescriptor } from '../../../src/observe/log/destination.ts';
import { createLogger } from '../../../src/observe/log/logger.ts';

/** Run by hanging-log.test.ts: logs far more than fits into a pipe to standard error, and reports its state on standard output. */
const print = (text: string) => writeSync(1, `${text}\n`);
const log = createLogger({
  level: 'info',
  format: 'json',
  destination: toDescriptor(2, false, 100_000),
  onError: (error) => print(`error ${error.code}`),
});
for (let round = 0; round < 50; round++) {
  for (let i = 0; i < 200; i++) log.of('test').info('x'.repeat(100));
  await turnOfEventLoop();
}
print('alive');
await log.close();
print('closed');
process.exit(0);
