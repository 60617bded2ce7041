import type { Layout, Sample } from '../model/field.ts';
import { isSameRun } from '../model/guest-run.ts';
import type { Hour, KeptFields, KeptHours } from './kept-hours.ts';
import { KEPT_DAYS, NO_STATISTICS_NEED, type StatisticsNeed } from '../model/past.ts';
import { numberAt } from '../model/sample.ts';
import type { PolicyInput, Props, Snapshot } from '../model/snapshot.ts';
import { compacted, countIn, expanded, type Bins, type OpenBins } from '../support/histogram.ts';
import { firstStartMs, HOUR_MS, PastHours } from './past-hours.ts';

/** Fields of all guests together: each takes about 30 KiB after seven days. */
export const MOST_SERIES = 4096;

/** One field of one entity. */
interface Series {
  open: OpenBins;
  /** One for each complete hour, oldest first; null: no number in that hour. */
  closed: readonly (Bins | null)[];
}

interface Kept {
  readonly series: Map<string, Series>;
  /** Its maximum memory and its run; null: the host, or not seen since the start. */
  maxKib: number | null;
  run: Props | null;
  past: PastHours;
}

/**
 * Histograms of fields by the hour, for `StatPercentile` and `StatSameHour`: of the last {@link KEPT_DAYS} days, and only of the fields
 * that policies name. What policies see of them changes when an hour ends. A guest keeps them over a restart with the same memory.
 */
export class HourlyStatistics {
  readonly #layouts: { readonly host: Layout; readonly guest: Layout };
  readonly #maxColumn: number;
  #need: StatisticsNeed = NO_STATISTICS_NEED;
  #names: { readonly host: ReadonlySet<string>; readonly guest: ReadonlySet<string> } = {
    host: new Set(),
    guest: new Set(),
  };
  /** Complete, oldest first. */
  #hours: readonly Hour[] = [];
  #current: Hour = { startMs: 0, ofDay: 0 };
  #hasBegun = false;
  #host: Kept | null = null;
  readonly #guests = new Map<string, Kept>();
  #count = 0;
  /** Of a guest without statistics. */
  #nothing: PastHours = this.#pastOf('guest', new Map());

  constructor(layouts: { readonly host: Layout; readonly guest: Layout }) {
    this.#layouts = layouts;
    this.#maxColumn = layouts.guest.index.get('balloon_max') ?? -1;
  }

  /** Whether any policy reads them. */
  get isUsed(): boolean {
    return this.#need.host.length + this.#need.guest.length > 0;
  }

  /** Whether there is no room for a further field. */
  get isFull(): boolean {
    return this.#count >= MOST_SERIES;
  }

  /** Sets the fields to keep. Those that no policy names any more are dropped when the hour ends. */
  keep(need: StatisticsNeed): void {
    const kept = (names: readonly string[], layout: Layout) => names.filter((name) => layout.index.has(name));
    this.#need = { host: kept(need.host, this.#layouts.host), guest: kept(need.guest, this.#layouts.guest) };
    this.#names = { host: new Set(this.#need.host), guest: new Set(this.#need.guest) };
    this.#see();
  }

  /** Adds fields to those that are kept. */
  keepToo(need: StatisticsNeed): void {
    this.keep({
      host: [...new Set([...this.#need.host, ...need.host])],
      guest: [...new Set([...this.#need.guest, ...need.guest])],
    });
  }

  /** Adds a snapshot. One without host statistics does not count. */
  add({ timeMs, host, guests }: Snapshot): void {
    if (!this.isUsed || host === null) return;
    this.#turnTo({ startMs: timeMs, ofDay: this.#hourOfDay(host, timeMs) });
    this.#host ??= this.#newKept('host');
    this.#countIn(this.#host, this.#need.host, this.#layouts.host, host);
    if (this.#need.guest.length === 0) return;
    for (const { uuid, props, sample } of guests) {
      const kept = this.#keptOf(uuid, props, numberAt(sample, this.#maxColumn));
      this.#countIn(kept, this.#need.guest, this.#layouts.guest, sample);
    }
  }

  /** The input with what policies see of the statistics. */
  attach(input: PolicyInput): PolicyInput {
    if (!this.isUsed) return input;
    return {
      ...input,
      host: { ...input.host, past: this.#host?.past ?? this.#pastOf('host', new Map()) },
      guests: input.guests.map((guest) => ({ ...guest, past: this.#guests.get(guest.uuid)?.past ?? this.#nothing })),
    };
  }

  /** null: nothing is kept. */
  get state(): KeptHours | null {
    if (!this.#hasBegun) return null;
    const fields = ({ series }: Kept): KeptFields =>
      new Map(
        [...series].map(([name, { open, closed }]) => [name, [...closed, open.size > 0 ? compacted(open) : null]]),
      );
    return {
      hours: [...this.#hours, this.#current],
      host: this.#host === null ? new Map() : fields(this.#host),
      guests: [...this.#guests]
        .filter(([, { series }]) => series.size > 0)
        .map(([uuid, kept]) => ({ uuid, maxKib: kept.maxKib, fields: fields(kept) })),
    };
  }

  /** Continues the statistics of an earlier daemon. Called before the first snapshot. */
  restore({ hours, host, guests }: KeptHours): void {
    const current = hours.at(-1);
    if (current === undefined) return;
    this.#hours = hours.slice(0, -1);
    this.#current = current;
    this.#hasBegun = true;
    const kept = (fields: KeptFields, maxKib: number | null): Kept => {
      const series = new Map<string, Series>();
      for (const [name, all] of fields) {
        if (this.isFull) break;
        this.#count += 1;
        series.set(name, { open: expanded(all.at(-1) ?? []), closed: all.slice(0, -1) });
      }
      return { series, maxKib, run: null, past: this.#nothing };
    };
    this.#host = kept(host, null);
    for (const { uuid, maxKib, fields } of guests) this.#guests.set(uuid, kept(fields, maxKib));
    this.#see();
  }

  #hourOfDay(host: Sample, timeMs: number): number {
    // A host without the collector of the time: UTC, so that a replay elsewhere sees the same hours.
    return numberAt(host, this.#layouts.host.index.get('time_hour') ?? -1) ?? new Date(timeMs).getUTCHours();
  }

  #turnTo(hour: Hour): void {
    const { startMs, ofDay } = this.#current;
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      this.#current = hour;
      this.#see();
    } else if (hour.ofDay !== ofDay || hour.startMs - startMs >= HOUR_MS) {
      this.#close(hour);
      this.#see();
    }
  }

  /** Ends the current hour, and drops what is too old or is of no policy. */
  #close(next: Hour): void {
    const from = firstStartMs(next.startMs, KEPT_DAYS * 86_400);
    const ended = [...this.#hours, this.#current];
    // Of a clock that was set back, hours can lie in the future: their number is bounded too.
    const isKept = ended.map(({ startMs }, at) => startMs >= from && at >= ended.length - KEPT_DAYS * 24);
    this.#hours = ended.filter((_, at) => isKept[at]);
    this.#current = next;
    for (const [names, kept] of this.#all()) {
      for (const [name, series] of kept.series) {
        const closed = [...series.closed, series.open.size > 0 ? compacted(series.open) : null];
        series.closed = closed.filter((_, at) => isKept[at]);
        series.open = new Map();
        if (!names.has(name) || series.closed.every((bins) => bins === null)) this.#drop(kept, name);
      }
    }
    for (const [uuid, kept] of this.#guests) if (kept.series.size === 0) this.#guests.delete(uuid);
  }

  *#all(): Iterable<readonly [ReadonlySet<string>, Kept]> {
    if (this.#host !== null) yield [this.#names.host, this.#host];
    for (const kept of this.#guests.values()) yield [this.#names.guest, kept];
  }

  #drop(kept: Kept, name: string): void {
    if (kept.series.delete(name)) this.#count -= 1;
  }

  /** Makes what policies see from now on. */
  #see(): void {
    this.#nothing = this.#pastOf('guest', new Map());
    if (this.#host !== null) this.#host.past = this.#pastOf('host', this.#host.series);
    for (const kept of this.#guests.values()) kept.past = this.#pastOf('guest', kept.series);
  }

  #pastOf(owner: 'host' | 'guest', series: ReadonlyMap<string, Series>): PastHours {
    const fields = new Map([...series].map(([name, { closed }]) => [name, closed]));
    return new PastHours(this.#names[owner], fields, this.#hours, this.#current);
  }

  #newKept(owner: 'host' | 'guest'): Kept {
    return { series: new Map(), maxKib: null, run: null, past: this.#pastOf(owner, new Map()) };
  }

  #keptOf(uuid: string, props: Props, maxKib: number | null): Kept {
    let kept = this.#guests.get(uuid);
    if (kept === undefined) {
      kept = this.#newKept('guest');
      this.#guests.set(uuid, kept);
    } else if ((kept.run === null || !isSameRun(kept.run, props)) && kept.maxKib !== maxKib) {
      // Defined anew with another size: what it needed before says nothing.
      for (const name of kept.series.keys()) this.#drop(kept, name);
      kept.past = this.#nothing;
    }
    kept.run = props;
    kept.maxKib = maxKib;
    return kept;
  }

  #countIn({ series }: Kept, names: readonly string[], { index }: Layout, sample: Sample): void {
    for (const name of names) {
      const value = sample[index.get(name)!];
      const number = typeof value === 'boolean' ? Number(value) : value;
      if (typeof number !== 'number' || !Number.isFinite(number)) continue;
      let own = series.get(name);
      if (own === undefined) {
        if (this.isFull) continue;
        this.#count += 1;
        series.set(name, (own = { open: new Map(), closed: this.#hours.map(() => null) }));
      }
      countIn(own.open, number);
    }
  }
}
