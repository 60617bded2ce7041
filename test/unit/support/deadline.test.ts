import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  DeadlineError,
  startDeadline,
  untilAborted,
  waitAtMost,
  waitInSteps,
  withDeadline,
} from '../../../src/support/deadline.ts';
import { NEVER_ABORTED } from '../../support/kernel.ts';

const neverSettles = () => new Promise<never>(() => undefined);
const listenersOf = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** The result of a promise, or 'pending'. */
async function resultOrPending<T>(promise: Promise<T>): Promise<T | 'pending'> {
  await vi.advanceTimersByTimeAsync(0);
  return Promise.race([promise, Promise.resolve('pending' as const)]);
}

describe('waitAtMost', () => {
  it('settles as the work does, and leaves no timer or listener', async () => {
    const { signal } = new AbortController();
    expect(await waitAtMost(Promise.resolve(5), { ms: 100, signal })).toEqual({ ended: true, value: 5 });
    await expect(waitAtMost(Promise.reject(new Error('no')), { ms: 100, signal })).rejects.toThrow('no');
    expect([vi.getTimerCount(), listenersOf(signal)]).toEqual([0, 0]);
  });

  it('times out, not sooner, and leaves no timer or listener', async () => {
    const { signal } = new AbortController();
    const waited = waitAtMost(neverSettles(), { ms: 100, signal });
    await vi.advanceTimersByTimeAsync(99);
    expect(await resultOrPending(waited)).toBe('pending');
    await vi.advanceTimersByTimeAsync(1);
    expect(await resultOrPending(waited)).toEqual({ ended: false, because: 'time' });
    expect([vi.getTimerCount(), listenersOf(signal)]).toEqual([0, 0]);
  });

  it.each([
    ['immediately without a grace time', 0],
    ['after the grace time, even if the timeout is shorter', 300],
  ])('ends after an abort: %s', async (_, graceMs) => {
    const stop = new AbortController();
    const waited = waitAtMost(neverSettles(), { ms: 200, signal: stop.signal, graceMs });
    await vi.advanceTimersByTimeAsync(50);
    stop.abort();
    if (graceMs > 0) {
      await vi.advanceTimersByTimeAsync(graceMs - 1);
      expect(await resultOrPending(waited)).toBe('pending');
      await vi.advanceTimersByTimeAsync(1);
    }
    expect(await resultOrPending(waited)).toEqual({ ended: false, because: 'abort' });
    expect([vi.getTimerCount(), listenersOf(stop.signal)]).toEqual([0, 0]);
  });

  it('accepts the result of the work in the grace time', async () => {
    const waited = waitAtMost(Promise.resolve(5), { signal: AbortSignal.abort(), graceMs: 100 });
    expect(await waited).toEqual({ ended: true, value: 5 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not wait when it is already aborted and has no grace time', async () => {
    expect(await waitAtMost(Promise.resolve(5), { signal: AbortSignal.abort() })).toEqual({
      ended: false,
      because: 'abort',
    });
  });

  it('ignores work that fails after the timeout', async () => {
    let fail = (_error: Error): void => expect.unreachable();
    const waited = waitAtMost(new Promise((_, reject) => (fail = reject)), { ms: 1 });
    await vi.advanceTimersByTimeAsync(1);
    fail(new Error('late'));
    expect(await waited).toEqual({ ended: false, because: 'time' });
  });
});

describe('waitInSteps', () => {
  it('ends with the work, or after all steps', async () => {
    await waitInSteps(Promise.resolve(), 10, 100);
    expect(vi.getTimerCount()).toBe(0);
    const waited = waitInSteps(neverSettles(), 3, 100).then(() => 'over');
    await vi.advanceTimersByTimeAsync(299);
    expect(await resultOrPending(waited)).toBe('pending');
    await vi.advanceTimersByTimeAsync(1);
    expect(await resultOrPending(waited)).toBe('over');
  });

  it('throws what the work throws', async () => {
    await expect(waitInSteps(Promise.reject(new Error('no')), 3, 100)).rejects.toThrow('no');
  });

  it('still waits for the work after the process was suspended', async () => {
    let end = (): void => expect.unreachable();
    let isDone = false;
    const work = new Promise<void>((resolve) => (end = resolve)).then(() => {
      isDone = true;
    });
    const waited = waitInSteps(work, 10, 100).then(() => isDone);
    // The timer of the first step is long overdue when the process resumes.
    vi.setSystemTime(Date.now() + 60_000);
    await vi.advanceTimersByTimeAsync(100);
    end();
    expect(await resultOrPending(waited)).toBe(true);
  });
});

describe('untilAborted', () => {
  it('settles as the work does', async () => {
    expect(await untilAborted(NEVER_ABORTED, Promise.resolve(5))).toBe(5);
    await expect(untilAborted(NEVER_ABORTED, Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('throws the reason of the signal', async () => {
    const stop = new AbortController();
    const waited = untilAborted(stop.signal, neverSettles());
    const reason = new Error('Ballast is stopping');
    stop.abort(reason);
    await expect(waited).rejects.toBe(reason);
    await expect(untilAborted(stop.signal, Promise.resolve(5))).rejects.toBe(reason);
  });
});

describe('startDeadline', () => {
  it('aborts after its time', async () => {
    const { signal } = startDeadline(NEVER_ABORTED, 100);
    await vi.advanceTimersByTimeAsync(99);
    expect(signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(signal.reason).toEqual(new DeadlineError(100));
  });

  it('aborts with its parent signal, already aborted or later', () => {
    const stop = new AbortController();
    const later = startDeadline(stop.signal, 100);
    stop.abort('stop');
    const before = startDeadline(stop.signal, 100);
    expect([later.signal.reason, before.signal.reason]).toEqual(['stop', 'stop']);
    later.clear();
    before.clear();
  });

  it('leaves no timer or listener when it is cleared', async () => {
    const stop = new AbortController();
    const { signal, clear } = startDeadline(stop.signal, 100);
    expect([vi.getTimerCount(), listenersOf(stop.signal)]).toEqual([1, 1]);
    clear();
    expect([vi.getTimerCount(), listenersOf(stop.signal)]).toEqual([0, 0]);
    stop.abort();
    await vi.advanceTimersByTimeAsync(100);
    expect(signal.aborted).toBe(false);
  });
});

describe('withDeadline', () => {
  it('settles as the work does, and leaves no timer or listener', async () => {
    const { signal } = new AbortController();
    expect(await withDeadline(signal, 60_000, () => Promise.resolve(5))).toBe(5);
    await expect(withDeadline(signal, 60_000, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect([vi.getTimerCount(), listenersOf(signal)]).toEqual([0, 0]);
  });

  it('times out and aborts the signal of the work', async () => {
    let passed: AbortSignal | undefined;
    const ended = withDeadline(NEVER_ABORTED, 1, (signal) => ((passed = signal), neverSettles()));
    const failed = expect(ended).rejects.toThrow(new DeadlineError(1));
    await vi.advanceTimersByTimeAsync(1);
    await failed;
    expect(passed?.aborted).toBe(true);
  });

  it('passes on an abort of the outer signal', async () => {
    const outside = new AbortController();
    const reason = new Error('Ballast is stopping');
    const ended = withDeadline(outside.signal, 60_000, neverSettles);
    outside.abort(reason);
    await expect(ended).rejects.toBe(reason);
  });

  it('does not start when it is already aborted', async () => {
    const reason = new Error('too late');
    await expect(withDeadline(AbortSignal.abort(reason), 60_000, () => expect.unreachable())).rejects.toBe(reason);
  });
});
