import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/host/system-clock.ts';

describe('the system clock', () => {
  it('sleeps until the signal at most, and leaves no listener on it', async () => {
    const { signal } = new AbortController();
    const wake = new AbortController();
    const asleep = systemClock.sleep(60_000, wake.signal);
    wake.abort();
    await expect(asleep).resolves.toBeUndefined();
    await expect(systemClock.sleep(60_000, wake.signal)).resolves.toBeUndefined();
    await systemClock.sleep(-5, signal);
    expect([...getEventListeners(signal, 'abort'), ...getEventListeners(wake.signal, 'abort')]).toEqual([]);
  });

  it('measures elapsed time', async () => {
    const before = systemClock.monotonic();
    await systemClock.sleep(5, new AbortController().signal);
    expect(systemClock.monotonic() - before).toBeGreaterThan(3);
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(5_000);
  });
});
