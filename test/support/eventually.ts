import { vi } from 'vitest';

/**
 * Repeats the check until it does not throw, and returns its result. After the time limit, which only stops a hang, throws its
 * last error. For conditions without an event, promise or output line to wait for.
 */
export function eventually<T>(check: () => T | Promise<T>, limitMs = 30_000): Promise<T> {
  return vi.waitFor(check, { timeout: limitMs, interval: 10 });
}
