import { NoDemandError } from '../fitted.ts';
import { MOST_GUESTS } from '../../scenario/model.ts';

/** Samples of all guests at most: 300 MB. */
const MOST_SAMPLES = 12_000_000;

/** One sample of a guest, KiB. */
export interface TraceSample {
  readonly timeMs: number;
  /** What its kernel and its programs use, without page cache. */
  readonly usedKib: number;
  readonly memoryKib: number;
  readonly cacheKib?: number | null;
  readonly swapKib?: number | null;
  readonly minKib?: number | null;
}

/** What a trace says about one guest, in the order in which it says it. */
export class GuestTrace {
  readonly name: string;
  readonly times: number[] = [];
  readonly used: number[] = [];
  memoryKib = 0;
  minKib: number | null = null;
  /** Of what it has swapped, the most; null: not in the trace. */
  swapKib: number | null = null;
  /** The largest page cache; null: not in the trace. */
  cacheKib: number | null = null;

  constructor(name: string) {
    this.name = name;
  }

  add({ timeMs, usedKib, memoryKib, cacheKib = null, swapKib = null, minKib = null }: TraceSample): void {
    this.times.push(timeMs);
    this.used.push(Math.min(usedKib, memoryKib) + (swapKib ?? 0));
    if (memoryKib > this.memoryKib) this.memoryKib = memoryKib;
    if (cacheKib !== null) this.cacheKib = Math.max(this.cacheKib ?? 0, cacheKib);
    if (swapKib !== null) this.swapKib = Math.max(this.swapKib ?? 0, swapKib);
    if (minKib !== null) this.minKib = Math.max(this.minKib ?? 0, minKib);
  }

  /** Its samples in the order of time, each time once, without what comes before the first that is not zero. */
  sorted(fromMs: number, toMs: number): readonly { readonly timeMs: number; readonly usedKib: number }[] {
    const order = this.times
      .map((timeMs, at) => ({ timeMs, usedKib: this.used[at]! }))
      .filter(({ timeMs }) => timeMs >= fromMs && timeMs <= toMs)
      .sort((a, b) => a.timeMs - b.timeMs);
    const once = order.filter(({ timeMs }, at) => timeMs !== order[at + 1]?.timeMs);
    const first = once.findIndex(({ usedKib }) => usedKib > 0);
    return first === -1 ? [] : once.slice(first);
  }
}

/** The guests of all files of a trace. */
export class Traces {
  readonly #byName = new Map<string, GuestTrace>();
  #samples = 0;
  /** Rows that say nothing, such as a utilisation that was not measured. */
  skipped = 0;

  get guests(): readonly GuestTrace[] {
    return [...this.#byName.values()];
  }

  /** @param file for messages @throws NoDemandError when there are too many guests or samples */
  add(file: string, name: string, sample: TraceSample): void {
    let guest = this.#byName.get(name);
    if (guest === undefined) {
      if (this.#byName.size >= MOST_GUESTS)
        throw new NoDemandError(`${file}: more than ${MOST_GUESTS} guests; take some of them into a file of their own`);
      guest = new GuestTrace(name);
      this.#byName.set(name, guest);
    }
    this.#samples += 1;
    if (this.#samples > MOST_SAMPLES)
      throw new NoDemandError(
        `${file}: more than ${MOST_SAMPLES} samples; take some guests or days into a file of their own`,
      );
    guest.add(sample);
  }
}

/** Reads the lines of one file of a trace. */
export interface TraceReader {
  /** @param number from 1 @throws TraceError */
  line(text: string, number: number): void;
}

export interface ReaderContext {
  /** Path of the file, for messages. */
  readonly file: string;
  /** The name of the file without folder and ending. */
  readonly name: string;
  readonly traces: Traces;
  /** The memory of a guest of which only a share is known, KiB. */
  readonly guestMemoryKib: number;
}
