import { describe, expect, it } from 'vitest';
import { processStat } from '../../../src/host/process-stats.ts';
import type { Host } from '../../../src/ports/host.ts';

const LINE = `(qemu) S 1 3 3 0 -1 4194560 100 0 7 0 11 12 0 0 20 0 3 0 55 4096000 900 0`;

/** A host whose reads finish when the test decides. */
function slowHost() {
  const pending: (() => void)[] = [];
  let reads = 0;
  const host: Host = {
    readText: (path) => {
      reads += 1;
      return new Promise((resolve) => pending.push(() => resolve(path === '/proc/9/stat' ? null : `1 ${LINE}`)));
    },
    list: async () => null,
    writeText: async () => undefined,
  };
  return {
    host,
    reads: () => reads,
    finishAll: async () => {
      while (pending.length > 0) {
        for (const finish of pending.splice(0)) finish();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

describe('processStat', () => {
  it('reads a process once per interval for all callers, and again in the next', async () => {
    const { host, reads, finishAll } = slowHost();
    const [first, second] = [new AbortController().signal, new AbortController().signal];
    const both = [processStat(host, 5, first), processStat(host, 5, first)];
    await finishAll();
    expect((await Promise.all(both)).map((stat) => stat?.minorFaults)).toEqual([100, 100]);
    expect(reads()).toBe(1);
    void processStat(host, 5, second);
    expect(reads()).toBe(2);
    await finishAll();
  });

  it('limits the reads in flight and completes all of them', async () => {
    const { host, reads, finishAll } = slowHost();
    const { signal } = new AbortController();
    const all = Array.from({ length: 100 }, (_, pid) => processStat(host, pid, signal));
    expect(reads()).toBe(32);
    await finishAll();
    expect((await Promise.all(all)).filter((stat) => stat === null)).toHaveLength(1);
    expect(reads()).toBe(100);
  });
});
