import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Repeats the look until it returns something else than null, undefined or false; resolves to that. Rejects after the time limit with
 * what was awaited. The limit stops a hang; choose it generously, a slow machine must not fail.
 */
export async function waitFor<T>(
  what: string,
  limitMs: number,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`Waited ${limitMs / 1000} s in vain for ${what}.`);
    await sleep(100);
  }
}
