import { setFlagsFromString } from 'node:v8';

/**
 * A daemon that stands beside guests which are short of memory should not take more than it needs. V8 lets a heap grow to
 * several times what lives in it before it collects; a third more is enough for a process that sleeps most of the time.
 * The other half of this is the size of the young generation, which only Node's command line can set: see bin/ballast.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=30');
}
