import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Repeats the check until it returns something other than null, undefined or false, and resolves to that value. Rejects after the
 * time limit, which only stops a hang: choose it generously, so that slow machines do not fail.
 */
export async function waitFor<T>(
  what: string,
  limitMs: number,
  check: () => Promise<T | null | undefined | false> | T | null | undefined | false,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await check();
    if (found !== null && found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`Waited ${limitMs / 1000} s in vain for ${what}.`);
    await sleep(100);
  }
}
