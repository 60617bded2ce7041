/** How far back decisions and holds are remembered, milliseconds. */
export const KEPT_MS = 3_600_000;

/** At most so many of each: on a host that moves a thousand balloons in every interval this is less than an hour. */
export const MOST_ENTRIES = 10_000;

const PRUNE_MS = KEPT_MS / 12;

/** Entries of the last hour, oldest first, bounded in number. Removes in batches, so that adding is cheap. */
export class LastHour<Entry> {
  readonly #timeOf: (entry: Entry) => number;
  readonly #most: number;
  #entries: Entry[] = [];
  #completeSinceMs: number | null = null;
  #prunedMs = 0;

  /** @param timeOf the time by which an entry is dropped, milliseconds since the epoch */
  constructor(timeOf: (entry: Entry) => number, most: number = MOST_ENTRIES) {
    this.#timeOf = timeOf;
    this.#most = most;
  }

  /** Nothing that happened since then is missing, milliseconds since the epoch; null: {@link advance} was not called yet. */
  get completeSinceMs(): number | null {
    return this.#completeSinceMs;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** @returns entries that were dropped, because there are too many */
  add(entry: Entry): readonly Entry[] {
    this.#entries.push(entry);
    if (this.#entries.length <= this.#most * 1.25) return [];
    const dropped = this.#entries.splice(0, this.#entries.length - this.#most);
    const lastMs = dropped.reduce((latest, each) => Math.max(latest, this.#timeOf(each)), 0);
    this.#completeSinceMs = Math.max(this.#completeSinceMs ?? 0, lastMs + 1);
    return dropped;
  }

  /** Drops what is too old. @param nowMs the time of the last interval */
  advance(nowMs: number): void {
    this.#completeSinceMs ??= nowMs;
    const oldestMs = nowMs - KEPT_MS;
    if (oldestMs > this.#completeSinceMs) this.#completeSinceMs = oldestMs;
    // Once in a few minutes; or the clock was set back.
    if (nowMs - this.#prunedMs < PRUNE_MS && nowMs >= this.#prunedMs) return;
    this.#prunedMs = nowMs;
    this.#entries = this.#entries.filter((entry) => this.#timeOf(entry) >= oldestMs);
  }
}
