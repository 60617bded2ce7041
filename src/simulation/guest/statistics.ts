import { EPOCH_MS, GUEST, PAGE_KIB } from '../constants.ts';
import type { BalloonReading } from '../../ports/hypervisor.ts';
import type { MissingStatistics } from '../../ports/guest-domain.ts';
import type { Random } from '../random.ts';
import type { GuestSpec } from '../scenario/model.ts';
import type { GuestMemory } from './memory.ts';
import type { GuestCounters } from './workload.ts';

/** What the balloon driver says; libvirt knows size, maximum and resident memory without it. */
export type Report = Omit<BalloonReading, 'currentKib' | 'maximumKib' | 'rssKib'>;

interface Sent {
  readonly report: Report;
  readonly arrivesS: number;
}

const NOTHING: Report = { other: {} };

/** The statistics of a guest as they reach libvirt: each period, perhaps late, perhaps not true. */
export class Statistics {
  readonly #spec: GuestSpec['statistics'];
  readonly #memory: GuestMemory;
  /** Guests do not all report in the same second. */
  readonly #offsetS: number;
  #last: Report = NOTHING;
  #lastS = 0;
  #onTheWay: Sent[] = [];
  #isSilent = false;

  constructor({ statistics, balloon }: GuestSpec, memory: GuestMemory, random: Random) {
    const spec = balloon.moves === 'none' ? ({ ...statistics, kind: 'none' } as const) : statistics;
    this.#spec = spec;
    this.#memory = memory;
    this.#offsetS = Math.floor(random.split('statistics').between(0, spec.periodS));
  }

  /** Nothing is known: it boots. */
  reset(): void {
    this.#last = NOTHING;
    this.#onTheWay = [];
  }

  /** The last report that has arrived. */
  get last(): Report {
    return this.#last;
  }

  /** When it arrived, seconds since the epoch; 0: nothing has. */
  get lastUpdateS(): number {
    return this.#last === NOTHING ? 0 : EPOCH_MS / 1000 + this.#lastS;
  }

  get missing(): MissingStatistics | null {
    if (this.#spec.kind === 'none') return MISSING.noDriver;
    if (this.#isSilent) return MISSING.silent;
    return this.#last === NOTHING ? MISSING.notBooted : null;
  }

  step(nowS: number, counters: GuestCounters): void {
    const { kind, periodS, lateS, untilS } = this.#spec;
    if (kind === 'none') return;
    this.#isSilent = untilS > 0 && nowS >= untilS;
    if (this.#isSilent) return;
    const isDue = nowS % periodS === this.#offsetS;
    if (isDue) {
      const report = kind === 'frozen' && this.#last !== NOTHING ? this.#last : this.#report(counters);
      if (lateS === 0) this.#arrive(report, nowS);
      else this.#onTheWay.push({ report, arrivesS: nowS + lateS });
    }
    while (this.#onTheWay.length > 0 && nowS >= this.#onTheWay[0]!.arrivesS)
      this.#arrive(this.#onTheWay.shift()!.report, nowS);
  }

  #arrive(report: Report, nowS: number): void {
    this.#last = report;
    this.#lastS = nowS;
  }

  #report(counters: GuestCounters): Report {
    const memory = this.#memory;
    const total = Math.max(0, memory.size - Math.floor(memory.kernel * GUEST.hiddenShare));
    const free = Math.min(memory.free, total);
    const cacheLeast = Math.floor(GUEST.cacheLeastShare * memory.size);
    const droppable = Math.max(0, memory.cache - cacheLeast);
    // Linux, si_mem_available: neither all free memory nor all page cache counts.
    const cached = droppable - Math.min(Math.floor(droppable / 2), memory.low);
    const usable = Math.max(0, Math.min(total, free + cached - memory.low));
    const swapInKib = counters.swapIn * PAGE_KIB;
    const swapOutKib = counters.swapOut * PAGE_KIB;
    const { majorFaults, minorFaults } = counters;
    if (this.#spec.kind === 'windows')
      // The Windows service reports what is available, standby lists included, as unused.
      return {
        ...{ availableKib: total * PAGE_KIB, unusedKib: Math.min(total, free + memory.cache) * PAGE_KIB },
        ...{ swapInKib, swapOutKib, majorFaults, minorFaults, other: {} },
      };
    // A greedy guest says that it needs all it has.
    const left = this.#spec.kind === 'greedy' ? GUEST.greedyLeft : 1;
    return {
      availableKib: total * PAGE_KIB,
      unusedKib: Math.floor(free * left) * PAGE_KIB,
      usableKib: Math.floor(usable * left) * PAGE_KIB,
      diskCachesKib: Math.floor(memory.cache * left) * PAGE_KIB,
      ...{ swapInKib, swapOutKib, majorFaults, minorFaults },
      other: {
        oom_kill: counters.oomKills,
        alloc_stall: counters.allocStalls,
        async_scan: counters.scanned,
        direct_scan: counters.allocStalls * GUEST.cluster,
        async_reclaim: counters.scanned,
        direct_reclaim: counters.allocStalls * GUEST.cluster,
      },
    };
  }
}

const MISSING = {
  noDriver: {
    cause: 'no driver',
    message: 'reports no memory statistics: its balloon driver is not loaded',
  },
  notBooted: { cause: 'not booted', message: 'has not reported memory statistics yet' },
  silent: { cause: 'service silent', message: 'has stopped to report memory statistics' },
} as const satisfies Record<string, MissingStatistics>;
