import { vi } from 'vitest';

/**
 * Waits until the check throws no more, and answers what it answers; after the time limit, which only stops a hang, fails
 * with what it threw last. For what has no event, promise or line of output to wait for.
 */
export function eventually<T>(check: () => T | Promise<T>, limitMs = 30_000): Promise<T> {
  return vi.waitFor(check, { timeout: limitMs, interval: 10 });
}
