import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { serviceEnvironment } from '../../../src/cli/support/service-environment.ts';
import { ServiceNotices } from '../../../src/service/service-notices.ts';
import { capturedLog } from '../../support/captured-log.ts';

interface World {
  readonly sent: string[];
  readonly lines: () => readonly string[];
  readonly notices: ServiceNotices;
  /** Runs intervals of the given length. */
  readonly run: (intervals: number, lengthMs: number) => Promise<void>;
}

function world(watchdogMs: number | null, collectIntervalMs: number, send?: () => Promise<void>): World {
  const sent: string[] = [];
  const log = capturedLog();
  let nowMs = 1_000_000.25;
  const notices = new ServiceNotices({
    send: async (given) => {
      sent.push(given.join(' '));
      await send?.();
    },
    ...{ watchdogMs, collectIntervalMs },
    log: log.of,
    monotonic: () => nowMs,
  });
  const run = async (intervals: number, lengthMs: number) => {
    for (let count = 0; count < intervals; count++) {
      notices.observe();
      nowMs += lengthMs;
      // What can be sent is sent.
      await nextTurn();
    }
  };
  return { sent, lines: log.messages, notices, run };
}

const count = (sent: readonly string[], notice: string): number => sent.filter((line) => line === notice).length;

describe('notices to the service manager', () => {
  it('say that the daemon is ready after the first interval, and nothing else without a watchdog', async () => {
    const { sent, notices, run } = world(null, 5000);
    await notices.close();
    expect(sent).toEqual([]);
    await run(100, 5000);
    expect(sent).toEqual(['READY=1']);
  });

  it('feed the watchdog at most twice in the time that it allows, and never too late', async () => {
    for (const [watchdogMs, intervalMs] of [
      [60_000, 5000],
      [60_000, 100],
      [60_000, 19_000],
      [2000, 500],
    ] as const) {
      const { sent, run } = world(watchdogMs, intervalMs);
      await run(Math.ceil((10 * watchdogMs) / intervalMs), intervalMs);
      const fed = count(sent, 'WATCHDOG=1');
      expect(fed, `${watchdogMs} ${intervalMs}`).toBeGreaterThanOrEqual(20);
      // The last interval before half of the time is over feeds it: somewhat more often for long intervals.
      expect(fed, `${watchdogMs} ${intervalMs}`).toBeLessThanOrEqual(1 + 10 * Math.max(2.1, watchdogMs / intervalMs));
    }
  });

  it('do not feed the watchdog when no interval completes', async () => {
    const { sent, run, notices } = world(60_000, 5000);
    await run(1, 600_000);
    await notices.close();
    expect(count(sent, 'WATCHDOG=1')).toBe(1);
  });

  it('ask for a longer watchdog when intervals are long, and for the old one when they are short again', async () => {
    const { sent, notices, run } = world(60_000, 3_600_000);
    await run(2, 3_600_000);
    expect(sent).toEqual(['READY=1 WATCHDOG_USEC=10800000000', 'WATCHDOG=1', 'WATCHDOG=1']);
    notices.reconfigure({ collectIntervalMs: 5000 });
    notices.reconfigure({ collectIntervalMs: 6000 });
    await notices.close();
    expect(sent.slice(3)).toEqual(['WATCHDOG_USEC=60000000']);
  });

  it('surround a reload, and say when the daemon stops, in this order', async () => {
    const { sent, notices, run } = world(null, 5000);
    notices.reloading();
    notices.reloaded();
    await run(1, 5000);
    notices.reloading();
    notices.reloaded();
    notices.stopping();
    await notices.close();
    expect(sent).toEqual([
      'RELOADING=1 MONOTONIC_USEC=1000000250',
      'READY=1',
      'RELOADING=1 MONOTONIC_USEC=1005000250',
      'READY=1',
      'STOPPING=1',
    ]);
  });

  it('are given up with one line in the log when they cannot be sent', async () => {
    const { lines, run } = world(60_000, 30_000, () => Promise.reject(new Error('systemd-notify is not installed')));
    await run(10, 30_000);
    expect(lines()).toEqual([
      expect.stringContaining('Cannot notify systemd: systemd-notify is not installed. With Type=notify'),
    ]);
  });

  it('do not pile up while one hangs, and do not hold up the exit for long', async () => {
    const { sent, notices, run } = world(1000, 100, () => new Promise(() => {}));
    await run(1000, 100);
    await notices.close();
    expect(sent).toEqual(['READY=1']);
  });
});

describe('the environment of a service', () => {
  it.each([
    [{}, undefined],
    [{ NOTIFY_SOCKET: '' }, undefined],
    [{ WATCHDOG_USEC: '60000000' }, undefined],
    [{ NOTIFY_SOCKET: '/run/n' }, { watchdogMs: null }],
    [{ NOTIFY_SOCKET: '@n', WATCHDOG_USEC: '60000000' }, { watchdogMs: 60_000 }],
    [{ NOTIFY_SOCKET: '@n', WATCHDOG_USEC: '60000000', WATCHDOG_PID: '7' }, { watchdogMs: 60_000 }],
    [{ NOTIFY_SOCKET: '@n', WATCHDOG_USEC: '60000000', WATCHDOG_PID: '8' }, { watchdogMs: null }],
    [{ NOTIFY_SOCKET: '@n', WATCHDOG_USEC: '0' }, { watchdogMs: null }],
    [{ NOTIFY_SOCKET: '@n', WATCHDOG_USEC: '9'.repeat(400) }, { watchdogMs: null }],
    [{ NOTIFY_SOCKET: '@n', WATCHDOG_USEC: 'soon' }, { watchdogMs: null }],
  ])('%j gives %j', (env, expected) => {
    expect(serviceEnvironment(env, 7)).toEqual(expected);
  });
});
