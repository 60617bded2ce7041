import { KSM, PAGE_KIB } from '../constants.ts';
import type { Guest } from '../guest/guest.ts';
import type { HostSpec } from '../scenario/model.ts';

/** What the scanner knows of one guest. The rests are what is less than a page. */
class Scanned {
  items = 0;
  /** Pages that can be merged. */
  limit = 0;
  seenRest = 0;
  mergedRest = 0;
}

/**
 * The scanner of KSM. ksmd goes round all guests; here it scans some of each in every second, in proportion to their size. A page is merged
 * when it was met twice with the same content and another guest has it too. Guests of one image have the same content, as much as they
 * are willing to share; nothing of what different images have is the same.
 */
export class Ksm {
  run = 0;
  pagesToScan: number;
  sleepMs: number;
  mergeAcrossNodes = 1;
  maxPageSharing: number = KSM.maxSharing;
  useZeroPages = 0;
  smartScan = 1;
  advisorMode: 'none' | 'scan-time' = 'none';
  advisorMaxCpu = 70;
  advisorMinPages = 500;
  advisorMaxPages = 30_000;
  advisorTargetS = 200;
  /** CPU time of ksmd since the start, seconds. */
  cpuS = 0;
  pagesScanned = 0;
  readonly #guests: readonly Guest[];
  readonly #scanned: readonly Scanned[];
  readonly #images = new Map<string, { readonly guest: Guest; readonly scanned: Scanned }[]>();
  #scans = 0;

  constructor(spec: HostSpec['ksm'], guests: readonly Guest[]) {
    this.run = spec.run ? 1 : 0;
    this.pagesToScan = spec.pagesToScan;
    this.sleepMs = spec.sleepMs;
    this.#guests = guests;
    this.#scanned = guests.map(() => new Scanned());
    for (const [at, guest] of guests.entries()) {
      const { image } = guest.spec.sharing;
      const alike = this.#images.get(image) ?? [];
      alike.push({ guest, scanned: this.#scanned[at]! });
      this.#images.set(image, alike);
    }
  }

  /** Whether everything that is merged must be copied again. */
  get unmerges(): boolean {
    return this.run === 2;
  }

  get fullScans(): number {
    return Math.floor(this.#scans);
  }

  /** One second of ksmd. */
  scan(): void {
    if (this.run !== 1) return;
    let total = 0;
    for (const { memory } of this.#guests) total += memory.resident;
    if (total === 0) return;
    this.#advise(total);
    const cycleS = this.sleepMs / 1000 + this.pagesToScan * KSM.scanS;
    const pages = cycleS === 0 ? 0 : this.pagesToScan / cycleS;
    this.#limit();
    let merged = 0;
    for (let at = 0; at < this.#guests.length; at++)
      merged += scanGuest(this.#guests[at]!, this.#scanned[at]!, pages / total);
    this.pagesScanned += Math.round(pages);
    this.#scans += pages / total;
    this.cpuS += Math.min(1, pages * KSM.scanS + merged * KSM.mergeS);
  }

  /** Pages in use for all that is merged, and what they save. */
  get merged(): { readonly shared: number; readonly sharing: number } {
    let [shared, sharing] = [0, 0];
    for (const guests of this.#images.values()) {
      let [sum, most] = [0, 0];
      for (const {
        guest: { memory },
      } of guests) {
        sum += memory.merged;
        if (memory.merged > most) most = memory.merged;
      }
      shared += most;
      sharing += sum - most;
    }
    return { shared, sharing };
  }

  /** struct ksm_rmap_item of one guest, or of all. */
  items(guest?: number): number {
    return guest === undefined
      ? this.#scanned.reduce((sum, { items }) => sum + items, 0)
      : (this.#scanned[guest]?.items ?? 0);
  }

  /** Bytes that one guest saves. */
  profitOf(guest: number): number {
    return (this.#guests[guest]?.memory.merged ?? 0) * PAGE_KIB * 1024 - this.items(guest) * KSM.itemBytes;
  }

  /** Bytes. */
  get profit(): number {
    return this.merged.sharing * PAGE_KIB * 1024 - this.items() * KSM.itemBytes;
  }

  /** Known pages that are not merged. */
  get notMerged(): { readonly unshared: number; readonly volatile: number } {
    const { shared, sharing } = this.merged;
    const rest = Math.max(0, this.items() - shared - sharing);
    const changing = Math.floor(rest * KSM.volatileShare);
    return { unshared: rest - changing, volatile: changing };
  }

  /** Sets the most of each guest that can be merged: what at least one other guest of its image has too. */
  #limit(): void {
    const own = ({ spec, memory }: Guest): number => Math.floor(spec.sharing.share * memory.used);
    for (const [image, guests] of this.#images) {
      if (image === '' || guests.length < 2) continue;
      let [first, second] = [0, 0];
      for (const { guest } of guests) {
        const pages = own(guest);
        if (pages > first) [first, second] = [pages, first];
        else if (pages > second) second = pages;
      }
      // The largest one has pages that no other has.
      for (const { guest, scanned } of guests) scanned.limit = Math.min(own(guest), second);
    }
  }

  /** The kernel's advisor: as many pages as one scan in its target time takes. */
  #advise(total: number): void {
    if (this.advisorMode === 'none') return;
    const wanted = (total / this.advisorTargetS) * (this.sleepMs / 1000);
    const most = (this.advisorMaxCpu / 100 / KSM.scanS) * (this.sleepMs / 1000);
    const pages = Math.min(wanted, most, this.advisorMaxPages);
    this.pagesToScan = Math.max(this.advisorMinPages, Math.floor(pages));
  }
}

/** @param share of its memory that is scanned @returns how many were merged */
function scanGuest({ memory }: Guest, scanned: Scanned, share: number): number {
  const { resident } = memory;
  const seldom = Math.min(1, share);
  scanned.items = Math.min(resident, Math.floor(scanned.items + resident * seldom));
  const room = Math.max(0, resident - memory.merged - memory.seen);
  const unseen = Math.min(room, Math.max(0, scanned.limit - memory.merged - memory.seen));
  scanned.mergedRest += memory.seen * seldom;
  scanned.seenRest += unseen * seldom;
  const merged = Math.min(memory.seen, Math.floor(scanned.mergedRest));
  const seen = Math.min(unseen, Math.floor(scanned.seenRest));
  scanned.mergedRest -= Math.floor(scanned.mergedRest);
  scanned.seenRest -= Math.floor(scanned.seenRest);
  memory.seen += seen - merged;
  memory.merged += merged;
  return merged;
}
