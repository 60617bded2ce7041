import { KSM } from '../constants.ts';
import type { Guest } from '../guest/guest.ts';

/** A part of a pass of ksmd through one guest. */
interface Passed {
  readonly pages: number;
  /** What ksmd needed of a CPU for it, seconds. */
  readonly busyS: number;
  /** Whether it has seen all pages of the guest. */
  readonly isOver: boolean;
}

/** What one pass finds, as the guest was when it began; pages. */
interface Pass {
  /** To be scanned. */
  readonly pages: number;
  /** The mean cost of a page, seconds. */
  readonly pageS: number;
  /** Never met before. */
  readonly fresh: number;
  /** Met before, and to be merged now. */
  readonly ripe: number;
  /** Of those that can be merged: what other guests have merged already, which is found at first sight, and the rest. */
  readonly found: number;
  readonly unseen: number;
  /** To be compared with others for the first time, in vain. */
  readonly lonely: number;
  /** Scanned so far. */
  done: number;
}

/** What ksmd knows of one guest. */
export class ScannedGuest {
  readonly guest: Guest;
  /** Of the guest on its host, from 0. */
  readonly index: number;
  /** Pages with a struct ksm_rmap_item, and those of them that were compared with others and not merged. */
  known = 0;
  compared = 0;
  /** Pages that can be merged, and what other guests of its image have merged already. */
  limit = 0;
  stable = 0;
  #passes = 0;
  #pass: Pass | null = null;

  constructor(guest: Guest, index: number) {
    this.guest = guest;
    this.index = index;
  }

  /**
   * Scans some of the guest's pages, or all that are left.
   * @param leftS how long ksmd may take @param idleS how long it sleeps for each page @param smart whether it skips pages that never merge
   */
  pass(leftS: number, idleS: number, smart: boolean): Passed {
    this.#pass ??= this.#begin(smart);
    const pass = this.#pass;
    const { pages, pageS, done } = pass;
    const most = Math.ceil(leftS / (pageS + idleS));
    const scanned = Math.min(pages - done, most);
    pass.done += scanned;
    this.#scan(pass, done);
    const isOver = pass.done === pages;
    if (isOver) {
      this.#pass = null;
      this.#passes += 1;
    }
    return { pages: scanned, busyS: scanned * pageS, isOver };
  }

  /** Everything that is not merged: KSM was told to undo its merges. */
  forget(): void {
    this.guest.memory.seen = 0;
    this.known = this.guest.memory.merged;
    this.compared = this.#passes = 0;
    this.#pass = null;
  }

  /** It shares with other guests from now on, and nothing is shared yet: what it can share is looked for again. */
  regroup(): void {
    this.guest.memory.merged = this.guest.memory.seen = 0;
    this.limit = this.stable = 0;
    this.#pass = null;
  }

  /** Without those that were skipped. */
  comparedLately(smart: boolean): number {
    return this.#skips(smart) ? Math.ceil(this.compared * KSM.visitedShare) : this.compared;
  }

  #skips(smart: boolean): boolean {
    return smart && this.#passes > KSM.patientPasses;
  }

  #begin(smart: boolean): Pass {
    const { resident, merged, seen } = this.guest.memory;
    // Without memory it has ended: what comes next is unknown.
    if (resident === 0) this.#passes = 0;
    this.known = Math.min(this.known, resident);
    const fresh = resident - this.known;
    const ripe = Math.min(seen, Math.max(0, resident - merged));
    const unseen = Math.min(Math.max(0, resident - merged - seen), Math.max(0, this.limit - merged - seen));
    const found = Math.min(unseen, Math.max(0, this.stable - merged));
    const rest = Math.max(0, this.known - merged - ripe);
    this.compared = Math.min(this.compared, rest);
    const visited = this.#skips(smart) ? Math.ceil(rest * KSM.visitedShare) : rest;
    const pages = fresh + Math.min(merged, resident) + ripe + visited;
    const costS = fresh * KSM.freshS + merged * KSM.knownS + (ripe + visited) * KSM.comparedS;
    return {
      ...{ pages, pageS: pages === 0 ? KSM.knownS : costS / pages, fresh, ripe, found, unseen: unseen - found },
      ...{ lonely: rest - this.compared, done: 0 },
    };
  }

  /** @param before what had been scanned already */
  #scan(pass: Pass, before: number): void {
    const { memory } = this.guest;
    // In proportion, without losing a page to rounding.
    const part = (pages: number): number => {
      const upTo = (done: number): number => Math.floor((pages * done) / Math.max(1, pass.pages));
      return upTo(pass.done) - upTo(before);
    };
    this.known += part(pass.fresh);
    this.compared += part(pass.lonely);
    const merged = Math.min(part(pass.ripe), memory.seen, Math.max(0, memory.resident - memory.merged));
    memory.seen -= merged;
    memory.merged += merged;
    const room = (): number => Math.max(0, memory.resident - memory.merged - memory.seen);
    memory.merged += Math.min(part(pass.found), room());
    memory.seen += Math.min(part(pass.unseen), room());
    this.known = Math.min(Math.max(this.known, memory.merged), memory.backed);
  }
}
