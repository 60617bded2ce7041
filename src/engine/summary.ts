import type { Layout, Sample } from '../model/field.ts';
import type { IntervalReport } from '../model/interval-report.ts';
import { unreadGuests } from '../model/unread-guests.ts';
import { pageSizeFrom } from '../model/units.ts';

export interface GuestSummary {
  readonly name: string;
  readonly uuid: string;
  /** Balloon size when the guest was first and last seen, KiB. */
  readonly startKib: number;
  readonly endKib: number;
  /** Lowest and highest target that the policy decided, KiB; null when there was none. */
  readonly lowestTargetKib: number | null;
  readonly highestTargetKib: number | null;
  readonly decisions: number;
  /** Intervals in which the policy failed for this guest. */
  readonly errors: number;
}

export interface HostSummary {
  readonly intervals: number;
  readonly evaluations: number;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly ksmChanges: number;
  /** Highest and last value of KSM's pages_sharing, pages; null when the host has no KSM. */
  readonly mostPagesSharing: number | null;
  readonly lastPagesSharing: number | null;
  /** Pages that KSM still counted at the end although no guest was alive, so that they saved nothing; null: none. */
  readonly stalePagesSharing: number | null;
  /** What KSM saved at its highest and at the end, KiB; null when the host has no KSM or its page size is unknown. */
  readonly mostSharedKib: number | null;
  readonly lastSharedKib: number | null;
  /** Highest and last total of memory in all balloons, KiB. */
  readonly mostBalloonedKib: number;
  readonly lastBalloonedKib: number;
  /** Highest and last total of memory reclaimed by balloons and KSM, KiB. */
  readonly mostReclaimedKib: number;
  readonly lastReclaimedKib: number;
  /** Policy errors outside of any guest, per interval. */
  readonly errors: number;
  /** Requests held back, without those that changed nothing. */
  readonly held: number;
}

interface Mutable {
  name: string;
  startKib: number;
  endKib: number;
  lowestTargetKib: number | null;
  highestTargetKib: number | null;
  decisions: number;
  errors: number;
}

/** Accumulates the results of a run or a replay. */
export class Summary {
  readonly #sharing: number | undefined;
  readonly #saved: number | undefined;
  readonly #shareable: number | undefined;
  readonly #pageSize: number | undefined;
  readonly #profit: number | undefined;
  readonly #rss: number | undefined;
  readonly #balloonRss: number | undefined;
  /** KiB; null while it is unknown. */
  #pageSizeKib: number | null = null;
  readonly #cur: number | undefined;
  readonly #max: number | undefined;
  readonly #guests = new Map<string, Mutable>();
  #host = {
    intervals: 0,
    evaluations: 0,
    fromMs: null as number | null,
    toMs: null as number | null,
    ksmChanges: 0,
    mostPagesSharing: null as number | null,
    lastPagesSharing: null as number | null,
    stalePagesSharing: null as number | null,
    mostSharedKib: null as number | null,
    lastSharedKib: null as number | null,
    mostBalloonedKib: 0,
    lastBalloonedKib: 0,
    mostReclaimedKib: 0,
    lastReclaimedKib: 0,
    errors: 0,
    held: 0,
  };

  constructor(layouts: { readonly host: Layout; readonly guest: Layout }) {
    this.#sharing = layouts.host.index.get('ksm_pages_sharing');
    this.#saved = layouts.host.index.get('ksm_saved');
    this.#shareable = layouts.host.index.get('ksm_shareable');
    this.#pageSize = layouts.host.index.get('page_size');
    this.#profit = layouts.host.index.get('ksm_general_profit');
    this.#rss = layouts.guest.index.get('rss');
    this.#balloonRss = layouts.guest.index.get('balloon_rss');
    this.#cur = layouts.guest.index.get('balloon_cur');
    this.#max = layouts.guest.index.get('balloon_max');
  }

  add({ snapshot, judgement }: IntervalReport): void {
    const host = this.#host;
    host.intervals += 1;
    host.fromMs ??= snapshot.timeMs;
    host.toMs = snapshot.timeMs;
    const counted = numberAt(snapshot.host, this.#sharing);
    const isStale = counted !== null && counted > 0 && this.#isStale(snapshot);
    if (counted !== null) host.stalePagesSharing = isStale ? counted : null;
    const sharing = isStale ? 0 : counted;
    host.lastPagesSharing = sharing ?? host.lastPagesSharing;
    if (sharing !== null) host.mostPagesSharing = Math.max(host.mostPagesSharing ?? 0, sharing);
    const shared = this.#sharedKib(snapshot, sharing);
    host.lastSharedKib = shared ?? host.lastSharedKib;
    if (shared !== null) host.mostSharedKib = Math.max(host.mostSharedKib ?? 0, shared);
    let ballooned = 0;
    for (const { name, uuid, sample } of snapshot.guests) {
      const cur = numberAt(sample, this.#cur);
      if (cur === null) continue;
      ballooned += Math.max(0, (numberAt(sample, this.#max) ?? cur) - cur);
      this.#guest(uuid, name, cur).endKib = cur;
    }
    host.lastBalloonedKib = ballooned;
    host.mostBalloonedKib = Math.max(host.mostBalloonedKib, ballooned);
    host.lastReclaimedKib = ballooned + (host.lastSharedKib ?? 0);
    host.mostReclaimedKib = Math.max(host.mostReclaimedKib, host.lastReclaimedKib);
    if (judgement !== null) this.#addJudgement(judgement);
  }

  /** The kernel's counters keep the pages of guests that have stopped until ksmd scans again. */
  #isStale({ host, problems }: IntervalReport['snapshot']): boolean {
    // Without a hypervisor nobody knows which guests run.
    if (unreadGuests(problems) !== undefined) return false;
    return numberAt(host, this.#saved) === 0 || numberAt(host, this.#shareable) === 0;
  }

  /** Recordings without the field `ksm_saved` have pages; the page size follows from what KSM gains in bytes and in pages, or from the resident size of QEMU in both units. */
  #sharedKib({ host, guests, problems }: IntervalReport['snapshot'], pagesSharing: number | null): number | null {
    if (unreadGuests(problems) !== undefined) return null;
    if (this.#saved !== undefined) return numberAt(host, this.#saved);
    this.#pageSizeKib ??= numberAt(host, this.#pageSize);
    const profit = numberAt(host, this.#profit);
    if (profit !== null && pagesSharing !== null && pagesSharing > 0)
      this.#pageSizeKib ??= pageSizeFrom(profit / 1024, pagesSharing);
    for (const { sample } of this.#pageSizeKib === null ? guests : []) {
      const [pages, kib] = [numberAt(sample, this.#rss), numberAt(sample, this.#balloonRss)];
      if (pages !== null && kib !== null && pages > 0) this.#pageSizeKib ??= pageSizeFrom(kib, pages);
    }
    return pagesSharing === null || this.#pageSizeKib === null ? null : pagesSharing * this.#pageSizeKib;
  }

  #addJudgement({ evaluated, decision, plan }: NonNullable<IntervalReport['judgement']>): void {
    if (evaluated) this.#host.evaluations += 1;
    this.#host.held += plan.held.filter(({ kind }) => kind === 'held').length;
    for (const { guest } of decision.errors) {
      const own = guest === null ? undefined : this.#guests.get(guest.uuid);
      if (own === undefined) this.#host.errors += 1;
      else own.errors += 1;
    }
    for (const { guest, to } of plan.actions) {
      if (guest === null) this.#host.ksmChanges += 1;
      const own = guest === null ? undefined : this.#guests.get(guest.uuid);
      if (own === undefined || typeof to !== 'number') continue;
      own.decisions += 1;
      own.lowestTargetKib = Math.min(own.lowestTargetKib ?? to, to);
      own.highestTargetKib = Math.max(own.highestTargetKib ?? to, to);
    }
  }

  #guest(uuid: string, name: string, cur: number): Mutable {
    let guest = this.#guests.get(uuid);
    if (guest === undefined) {
      guest = {
        name,
        startKib: cur,
        endKib: cur,
        lowestTargetKib: null,
        highestTargetKib: null,
        decisions: 0,
        errors: 0,
      };
      this.#guests.set(uuid, guest);
    }
    return guest;
  }

  host(): HostSummary {
    return { ...this.#host };
  }

  /** In the order in which the guests were first seen. */
  guests(): readonly GuestSummary[] {
    return [...this.#guests].map(([uuid, guest]) => ({ uuid, ...guest }));
  }
}

function numberAt(sample: Sample | null, index: number | undefined): number | null {
  const value = index === undefined ? null : sample?.[index];
  return typeof value === 'number' ? value : null;
}
