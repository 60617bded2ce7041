import { setTimeout as sleep } from 'node:timers/promises';
import { GUEST_PREFIX } from '../support/guest.ts';
import { virsh } from '../support/virsh.ts';
import { mean } from './pain.ts';

const SAMPLE_EVERY_MS = 5000;

/** Samples the sizes of all guests while they work. */
export class Sizes {
  readonly #stop = new AbortController();
  readonly #samples: number[] = [];
  readonly #sampling: Promise<void>;

  constructor() {
    this.#sampling = this.#sample();
    // Reported by `end`.
    this.#sampling.catch(() => {});
  }

  /** The mean size of a guest, MiB. */
  async end(): Promise<number> {
    this.#stop.abort();
    await this.#sampling;
    return mean(this.#samples) / 1024;
  }

  async #sample(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#samples.push(...balloonSizesKib(await virsh('domstats', '--balloon', '--nowait')));
      await sleep(SAMPLE_EVERY_MS, undefined, { signal: this.#stop.signal }).catch(() => {});
    }
  }
}

/** From the output of `virsh domstats --balloon`: balloon.current of the test's guests, KiB. */
export function balloonSizesKib(text: string): readonly number[] {
  return text
    .split(/^Domain: /m)
    .filter((domain) => domain.startsWith(`'${GUEST_PREFIX}`))
    .flatMap((domain) => {
      const kib = /^\s*balloon\.current=(\d+)$/m.exec(domain)?.[1];
      return kib === undefined ? [] : [Number(kib)];
    });
}
