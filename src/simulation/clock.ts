import type { Clock } from '../ports/clock.ts';
import { EPOCH_MS } from './constants.ts';

/** Virtual time: it stands still until somebody moves it. */
export class VirtualClock implements Clock {
  #ms = 0;

  readonly now = (): number => EPOCH_MS + this.#ms;

  readonly monotonic = (): number => this.#ms;

  /** Time passes at once. */
  readonly sleep = (ms: number, signal: AbortSignal): Promise<void> => {
    if (!signal.aborted) this.#ms += Math.max(0, ms);
    return Promise.resolve();
  };

  /** Milliseconds since the start. */
  moveTo(ms: number): void {
    this.#ms = ms;
  }
}
