import { KSM, PAGE_KIB } from '../constants.ts';
import type { Guest } from '../guest/guest.ts';
import type { KsmSpec } from '../scenario/model.ts';
import { groupAlike, mergedBy, shareSavings, type Alike } from './alike.ts';
import { ScannedGuest } from './scanned-guest.ts';

/** Of all guests, in a second. */
const MOST_ROUNDS = 4;

/**
 * The scanner of KSM. ksmd goes through the guests one after the other. In the first round it only notes what their pages contain. In a later
 * one it merges pages that still have the same content and that another guest has, too. Guests of one image have the same content, as much
 * as they are willing to share; nothing of what different images have is the same. With `merge_across_nodes` 0, each NUMA node has a copy of
 * its own: a guest shares with guests of its image and its node. All of its memory counts to its node, wherever there was room for it.
 */
export class Ksm {
  run = 0;
  pagesToScan: number;
  sleepMs: number;
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
  readonly #scanned: readonly ScannedGuest[];
  /** Which guests share, with merge_across_nodes 1 and 0. */
  readonly #byImage: readonly Alike[];
  readonly #byImageAndNode: readonly Alike[];
  #mergesAcrossNodes: boolean;
  /** The guest that is being scanned, and how often all were. */
  #cursor = 0;
  #rounds = 0;

  /** @param homes the NUMA node of each guest */
  constructor(spec: KsmSpec, guests: readonly Guest[], homes: readonly number[]) {
    this.run = spec.run ? 1 : 0;
    this.pagesToScan = spec.pagesToScan;
    this.sleepMs = spec.sleepMs;
    this.#guests = guests;
    this.#scanned = guests.map((guest, index) => new ScannedGuest(guest, index));
    this.#byImage = groupAlike(this.#scanned);
    this.#byImageAndNode = groupAlike(this.#scanned, (guest) => homes[guest]!);
    this.#mergesAcrossNodes = spec.mergeAcrossNodes;
  }

  get mergeAcrossNodes(): number {
    return this.#mergesAcrossNodes ? 1 : 0;
  }

  /** The kernel allows another value only while nothing is shared. */
  set mergeAcrossNodes(value: number) {
    if (value === this.mergeAcrossNodes) return;
    this.#mergesAcrossNodes = value === 1;
    if (this.#byImage.length === this.#byImageAndNode.length) return;
    for (const scanned of this.#scanned) scanned.regroup();
  }

  get #alike(): readonly Alike[] {
    return this.#mergesAcrossNodes ? this.#byImage : this.#byImageAndNode;
  }

  /** How many merged pages each guest gets back in this second because all merges are to be undone. */
  get unmergesEach(): number {
    if (this.run !== 2) return 0;
    const merged = this.#guests.reduce((count, { memory }) => count + (memory.merged > 0 ? 1 : 0), 0);
    return merged === 0 ? 0 : Math.ceil(KSM.unmergePerS / merged);
  }

  get fullScans(): number {
    return this.#rounds;
  }

  /** One second of ksmd. */
  scan(): void {
    if (this.run === 2) for (const scanned of this.#scanned) scanned.forget();
    if (this.run !== 1) return;
    let total = 0;
    for (const { memory } of this.#guests) total += memory.resident;
    if (total === 0) return;
    this.#advise(total);
    this.#limit();
    const sleepS = this.sleepMs === 0 ? 0 : this.sleepMs / 1000 + KSM.lateS;
    const idleS = sleepS / Math.max(1, this.pagesToScan);
    let [cpuS, leftS, scanned] = [0, 1, 0];
    // Little memory is scanned many times in a second, which changes nothing after the first times.
    for (let passes = 0; leftS > 0 && passes < MOST_ROUNDS * this.#guests.length; passes++) {
      const { pages, busyS, isOver } = this.#scanned[this.#cursor]!.pass(leftS, idleS, this.smartScan === 1);
      scanned += pages;
      cpuS += busyS;
      leftS -= busyS + pages * idleS;
      if (!isOver) break;
      this.#cursor = (this.#cursor + 1) % this.#scanned.length;
      if (this.#cursor === 0) this.#rounds += 1;
    }
    const simulatedS = 1 - Math.max(0, leftS);
    this.pagesScanned += Math.round(scanned / simulatedS);
    this.cpuS += Math.min(1, cpuS / simulatedS);
  }

  /** Pages in use for all that is merged, and what they save. */
  get merged(): { readonly shared: number; readonly sharing: number } {
    let [shared, sharing] = [0, 0];
    for (const alike of this.#alike) {
      const { sum, most } = mergedBy(alike);
      // What only one guest has merged so far waits for its like.
      shared += Math.min(most, sum - most);
      sharing += sum - most;
    }
    return { shared, sharing };
  }

  /** What each guest saves of {@link merged}, pages. */
  get savedEach(): Float64Array {
    const saved = new Float64Array(this.#guests.length);
    for (const alike of this.#alike) shareSavings(alike, saved);
    return saved;
  }

  /** struct ksm_rmap_item of one guest, or of all. */
  items(guest?: number): number {
    return guest === undefined
      ? this.#scanned.reduce((sum, { known }) => sum + known, 0)
      : (this.#scanned[guest]?.known ?? 0);
  }

  /** Bytes that one guest saves. */
  profitOf(guest: number): number {
    return (this.#guests[guest]?.memory.merged ?? 0) * PAGE_KIB * 1024 - this.items(guest) * KSM.itemBytes;
  }

  /** Bytes. */
  get profit(): number {
    return this.merged.sharing * PAGE_KIB * 1024 - this.items() * KSM.itemBytes;
  }

  /** Known pages that are not merged: those that were compared with others in this round, and the rest, which is called volatile. */
  get notMerged(): { readonly unshared: number; readonly volatile: number } {
    const { shared, sharing } = this.merged;
    const rest = Math.max(0, this.items() - shared - sharing);
    const compared = this.#scanned.reduce((sum, each) => sum + each.comparedLately(this.smartScan === 1), 0);
    const unshared = Math.min(rest, Math.floor(compared * (1 - KSM.volatileShare)));
    return { unshared, volatile: rest - unshared };
  }

  /** Sets the most of each guest that can be merged: what at least one other guest of its image has too. */
  #limit(): void {
    const own = ({ spec, memory }: Guest): number => Math.floor(spec.sharing.share * memory.used);
    for (const { image, guests: all } of this.#alike) {
      if (image === '' || all.length < 2) continue;
      let [first, second, stable] = [0, 0, 0];
      for (const { guest } of all) {
        const pages = own(guest);
        if (pages > first) [first, second] = [pages, first];
        else if (pages > second) second = pages;
        stable = Math.max(stable, guest.memory.merged);
      }
      // The largest one has pages that no other has.
      for (const scanned of all) {
        scanned.limit = Math.min(own(scanned.guest), second);
        scanned.stable = stable;
      }
    }
  }

  /** The kernel's advisor: as many pages as one scan in its target time takes. */
  #advise(total: number): void {
    if (this.advisorMode === 'none') return;
    const wanted = (total / this.advisorTargetS) * (this.sleepMs / 1000);
    const most = (this.advisorMaxCpu / 100 / KSM.comparedS) * (this.sleepMs / 1000);
    const pages = Math.min(wanted, most, this.advisorMaxPages);
    this.pagesToScan = Math.max(this.advisorMinPages, Math.floor(pages));
  }
}
