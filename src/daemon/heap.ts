import { setFlagsFromString } from 'node:v8';

/**
 * Limits the daemon's heap, because it competes with the guests for memory. By default V8 lets a heap grow to several
 * times its live data before a collection; 30 % is enough for a process that is mostly idle. The size of the young
 * generation can only be set on Node's command line: see bin/ballast.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=30');
}
