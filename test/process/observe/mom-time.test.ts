import { afterEach, expect, it, vi } from 'vitest';
import { toStream } from '../../../src/observe/log/destination.ts';
import { createLogger } from '../../../src/observe/log/logger.ts';
import { Sink } from '../../unit/observe/log/sink.ts';

// The time zone belongs to the process, so a thread cannot change it.
afterEach(() => {
  vi.unstubAllEnvs();
});

it("times in MOM's line format are local, in winter and summer", () => {
  vi.stubEnv('TZ', 'Europe/Berlin');
  for (const [utc, local] of [
    [Date.UTC(2021, 0, 5, 23, 4, 5, 6), '2021-01-06 00:04:05,006'],
    [Date.UTC(2021, 6, 5, 8, 0, 0, 0), '2021-07-05 10:00:00,000'],
  ] as const) {
    const sink = new Sink();
    const log = createLogger({ level: 'debug', format: 'mom', destination: toStream(sink), clock: () => utc });
    log.of('ksm').info('x');
    expect(sink.text.slice(0, 23)).toBe(local);
  }
});
