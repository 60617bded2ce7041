import type { Sample } from '../model/field.ts';
import { KsmSavings, knowsGuests } from '../model/ksm-saving.ts';
import { PAIN_LIMITS, signOfPain, type PainCounters } from '../model/pain-signs.ts';
import type { GuestSnapshot, Snapshot } from '../model/snapshot.ts';
import { layoutsOf, type RecordingHeader } from '../recording/format.ts';

/** The host's memory at one moment, KiB. null: unknown, which is not zero. */
export interface HostReading {
  readonly totalKib: number | null;
  /** What could be handed out without swapping. */
  readonly allocatableKib: number | null;
  /** Memory of the host that guests take: the pages that KSM has merged count once. */
  readonly guestsKib: number | null;
  /** Reserved as huge pages. */
  readonly hugePagesKib: number | null;
  /** Page cache and buffers, without shared memory where that is known. */
  readonly cacheKib: number | null;
  readonly freeKib: number | null;
  /** Everything else: programs, the kernel. */
  readonly otherKib: number | null;
  /** Saved by KSM. */
  readonly savedKib: number | null;
  /** Used swap space. */
  readonly swapKib: number | null;
  /** ksmd, percent of one CPU. */
  readonly ksmdPercent: number | null;
  /** Share of time in which some task waited for memory, average of 10 s, percent. */
  readonly pressurePercent: number | null;
}

/** One guest at one moment, KiB. null: unknown, which is not zero. */
export interface GuestReading {
  readonly maxKib: number | null;
  /** The size of the balloon's guest now. */
  readonly actualKib: number | null;
  /** What the guest could not give up at once. */
  readonly usedKib: number | null;
  /** What it has touched. */
  readonly residentKib: number | null;
  /** Whether there was a sign of pain since the reading before. */
  readonly isInPain: boolean;
  readonly oomKills: number;
}

/** Statistics of a guest that are older say nothing about now, seconds: the default of the guards. */
const MOST_STATS_AGE_S = 60;

const HOST_FIELDS = [
  ...(['mem_available', 'mem_unused', 'mem_free', 'mem_allocatable', 'mem_available_estimate', 'shmem'] as const),
  ...(['hugetlb', 'guests_rss', 'swap_usage', 'ksmd_cpu_usage', 'psi_memory_some_avg10'] as const),
] as const;
const GUEST_FIELDS = [
  ...([
    'balloon_cur',
    'balloon_max',
    'usable',
    'mem_unused',
    'balloon_rss',
    'rss',
    'stats_age',
    'last_update',
  ] as const),
  ...(['pain_age', 'swap_in', 'major_fault', 'alloc_stall', 'oom_kill'] as const),
] as const;

/** Where fields are in samples, looked up once: a day has millions of samples. undefined: not recorded. */
type Places<Name extends string> = Readonly<Record<Name, number | undefined>>;

function placesOf<Name extends string>(fields: readonly Name[], recorded: readonly string[]): Places<Name> {
  const index = new Map(recorded.map((name, at) => [name, at]));
  return Object.fromEntries(fields.map((name) => [name, index.get(name)])) as Record<Name, number | undefined>;
}

/** No figure of a real host is larger: sums of such figures are finite. */
export const MOST = Number.MAX_SAFE_INTEGER;

/** null: unknown, or not recorded. */
function numberAt(sample: Sample, at: number | undefined): number | null {
  const value = at === undefined ? null : sample[at];
  return typeof value === 'number' && Math.abs(value) <= MOST ? value : null;
}

/** Reads figures from the snapshots of one recording, in their order. */
export class Readings {
  /** Of the recorded fields alone: what an older field has in the place of a newer one is something else here. */
  readonly #host: Places<(typeof HOST_FIELDS)[number]>;
  readonly #guest: Places<(typeof GUEST_FIELDS)[number]>;
  readonly #ksm: KsmSavings;
  /** By uuid. */
  readonly #counters = new Map<string, PainCounters>();

  constructor(header: RecordingHeader) {
    this.#host = placesOf(HOST_FIELDS, header.host_fields);
    this.#guest = placesOf(GUEST_FIELDS, header.guest_fields);
    this.#ksm = new KsmSavings(layoutsOf(header));
  }

  host(snapshot: Snapshot): HostReading {
    const sample = snapshot.host ?? [];
    const at = this.#host;
    const savedKib = numberAt([this.#ksm.of(snapshot).kib], 0);
    const totalKib = numberAt(sample, at.mem_available);
    const freeKib = numberAt(sample, at.mem_unused);
    const withCache = numberAt(sample, at.mem_free);
    const guestsKib = this.#guestsKib(snapshot, savedKib);
    const hugePagesKib = numberAt(sample, at.hugetlb);
    const shared = numberAt(sample, at.shmem) ?? 0;
    const cacheKib = withCache === null || freeKib === null ? null : Math.max(0, withCache - freeKib - shared);
    return {
      ...{ totalKib, freeKib, guestsKib, hugePagesKib, cacheKib, savedKib },
      allocatableKib: numberAt(sample, at.mem_allocatable) ?? numberAt(sample, at.mem_available_estimate) ?? withCache,
      otherKib:
        totalKib === null || guestsKib === null || cacheKib === null || freeKib === null
          ? null
          : Math.max(0, totalKib - (hugePagesKib ?? 0) - guestsKib - cacheKib - freeKib),
      swapKib: numberAt(sample, at.swap_usage),
      ksmdPercent: numberAt(sample, at.ksmd_cpu_usage),
      pressurePercent: numberAt(sample, at.psi_memory_some_avg10),
    };
  }

  #guestsKib(snapshot: Snapshot, savedKib: number | null): number | null {
    if (!knowsGuests(snapshot)) return null;
    let sum: number | null = numberAt(snapshot.host ?? [], this.#host.guests_rss);
    if (sum === null) {
      sum = 0;
      for (const { sample } of snapshot.guests) {
        const kib = this.#residentKib(sample);
        if (kib === null) return null;
        sum += kib;
      }
    }
    return Math.max(0, sum - (savedKib ?? 0));
  }

  /** @param elapsedMs since the reading before; null: it is the first */
  guest({ uuid, sample }: GuestSnapshot, timeMs: number, elapsedMs: number | null): GuestReading {
    const at = this.#guest;
    const actualKib = numberAt(sample, at.balloon_cur);
    const usableKib = numberAt(sample, at.usable) ?? numberAt(sample, at.mem_unused);
    const ageS = numberAt(sample, at.stats_age);
    const isFresh = ageS === null || Math.abs(ageS) <= MOST_STATS_AGE_S;
    const counters: PainCounters = {
      reportS: numberAt(sample, at.last_update) ?? timeMs / 1000 - (ageS ?? 0),
      swapInKib: numberAt(sample, at.swap_in),
      majorFaults: numberAt(sample, at.major_fault),
      allocStalls: numberAt(sample, at.alloc_stall),
      oomKills: numberAt(sample, at.oom_kill),
    };
    const before = this.#counters.get(uuid);
    this.#counters.set(uuid, counters);
    const sign = before === undefined ? null : signOfPain(before, counters, PAIN_LIMITS);
    const painAgeS = numberAt(sample, at.pain_age);
    return {
      ...{ actualKib, maxKib: numberAt(sample, at.balloon_max), residentKib: this.#residentKib(sample) },
      usedKib: isFresh && actualKib !== null && usableKib !== null ? Math.max(0, actualKib - usableKib) : null,
      isInPain:
        at.pain_age === undefined
          ? sign !== null
          : painAgeS !== null && elapsedMs !== null && painAgeS * 1000 < elapsedMs,
      oomKills: sign?.kind === 'oom' ? sign.figure : 0,
    };
  }

  #residentKib(sample: Sample): number | null {
    const kib = numberAt(sample, this.#guest.balloon_rss);
    if (kib !== null) return kib;
    const pages = numberAt(sample, this.#guest.rss);
    return pages === null || this.#ksm.pageSizeKib === null ? null : pages * this.#ksm.pageSizeKib;
  }
}
