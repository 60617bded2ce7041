import type { Layout } from './field.ts';
import { numberOf } from './sample.ts';
import type { Snapshot } from './snapshot.ts';
import { unreadGuests } from './unread-guests.ts';
import { pageSizeFrom } from './units.ts';

/** What KSM saves in one interval. */
export interface KsmSaving {
  /** KSM's pages_sharing, 0 while it is stale; null when the host has no KSM. */
  readonly pagesSharing: number | null;
  /** KSM's pages_sharing if it counts guests that have stopped, so that it saves nothing; null: it does not. */
  readonly stalePages: number | null;
  /** null when the host has no KSM, or its page size or its guests are unknown. */
  readonly kib: number | null;
}

/**
 * Reads from the snapshots of a recording what KSM saved. Recordings without the field `ksm_saved` have pages; the page size
 * follows from what KSM gains in bytes and in pages, or from the resident size of QEMU in both units.
 */
export class KsmSavings {
  readonly #layouts: { readonly host: Layout; readonly guest: Layout };
  /** KiB; null while it is unknown. */
  #pageSizeKib: number | null = null;

  constructor(layouts: { readonly host: Layout; readonly guest: Layout }) {
    this.#layouts = layouts;
  }

  of(snapshot: Snapshot): KsmSaving {
    const counted = this.#host(snapshot, 'ksm_pages_sharing');
    const isStale = counted !== null && counted > 0 && this.#isStale(snapshot);
    const pagesSharing = isStale ? 0 : counted;
    return { pagesSharing, stalePages: isStale ? counted : null, kib: this.#kib(snapshot, pagesSharing) };
  }

  /** Of the kernel, KiB; null while it is unknown. */
  get pageSizeKib(): number | null {
    return this.#pageSizeKib;
  }

  /** The kernel's counters keep the pages of guests that have stopped until ksmd scans again. */
  #isStale(snapshot: Snapshot): boolean {
    if (!knowsGuests(snapshot)) return false;
    return this.#host(snapshot, 'ksm_saved') === 0 || this.#host(snapshot, 'ksm_shareable') === 0;
  }

  #kib(snapshot: Snapshot, pagesSharing: number | null): number | null {
    this.#learnPageSize(snapshot, pagesSharing);
    if (!knowsGuests(snapshot)) return null;
    if (this.#layouts.host.index.has('ksm_saved')) return this.#host(snapshot, 'ksm_saved');
    return pagesSharing === null || this.#pageSizeKib === null ? null : pagesSharing * this.#pageSizeKib;
  }

  #learnPageSize(snapshot: Snapshot, pagesSharing: number | null): void {
    if (this.#pageSizeKib !== null) return;
    this.#pageSizeKib = this.#host(snapshot, 'page_size');
    const profit = this.#host(snapshot, 'ksm_general_profit');
    if (profit !== null && pagesSharing !== null && pagesSharing > 0)
      this.#pageSizeKib ??= pageSizeFrom(profit / 1024, pagesSharing);
    for (const { sample } of snapshot.guests) {
      if (this.#pageSizeKib !== null) return;
      const [pages, kib] = ['rss', 'balloon_rss'].map((name) => numberOf(this.#layouts.guest, [sample], name));
      if (pages && kib) this.#pageSizeKib = pageSizeFrom(kib, pages);
    }
  }

  #host({ host }: Snapshot, name: string): number | null {
    return host === null ? null : numberOf(this.#layouts.host, [host], name);
  }
}

/** Whether it was read which guests run. */
export function knowsGuests({ problems }: Snapshot): boolean {
  return unreadGuests(problems) === undefined;
}
