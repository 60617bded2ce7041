import { GUEST, HOST } from '../constants.ts';
import type { Guest } from '../guest/guest.ts';
import type { Ksm } from './ksm.ts';
import type { HostMemory } from './memory.ts';

/** The node of each guest: the one that it is pinned to. All others take turns in the order of their start, as a scheduler balances them. */
export function homesOf(guests: readonly Guest[], nodes: number): readonly number[] {
  const homes = guests.map(({ spec }) => spec.node ?? 0);
  const others = [...guests.keys()].filter((at) => guests[at]!.spec.node === null);
  const started = others.toSorted((a, b) => guests[a]!.spec.life.startS - guests[b]!.spec.life.startS);
  for (const [turn, at] of started.entries()) homes[at] = turn % nodes;
  return homes;
}

/**
 * The memory of a host by NUMA node, in pages. What the host and its guests have is decided elsewhere; this is where it lies. Memory comes from
 * the node of the guest that touches it first, or from the next one whose free memory is above its low watermark, and stays there until it is
 * given back. So one node can be full while others are not, and nothing is reclaimed for that.
 */
export class HostNodes {
  /** Of each node. */
  readonly pages: readonly number[];
  readonly #low: readonly number[];
  readonly #host: HostMemory;
  readonly #guests: readonly Guest[];
  readonly #ksm: Ksm;
  readonly #homes: readonly number[];
  readonly #free: number[];
  /** What each guest has on each node, and behind the guests what the host itself has: kernel, programs and caches. */
  readonly #held: Float64Array;

  constructor(
    count: number,
    homes: readonly number[],
    { host, guests, ksm }: { host: HostMemory; guests: readonly Guest[]; ksm: Ksm },
  ) {
    const upTo = (node: number): number => Math.floor((host.pages * node) / count);
    this.pages = Array.from({ length: count }, (_, node) => upTo(node + 1) - upTo(node));
    this.#low = this.pages.map((pages) => Math.floor(pages * HOST.low));
    this.#host = host;
    this.#guests = guests;
    this.#ksm = ksm;
    this.#homes = homes;
    this.#free = [...this.pages];
    this.#held = new Float64Array((guests.length + 1) * count);
    this.settle();
  }

  get free(): readonly number[] {
    return this.#free;
  }

  /** The page cache of the host on each node: of what the host has there, it is the same part everywhere. */
  get cache(): readonly number[] {
    if (this.pages.length === 1) return [this.#host.cache];
    const own = this.#held.subarray(this.#guests.length * this.pages.length);
    const all = own.reduce((sum, pages) => sum + pages, 0);
    const share = all === 0 ? 0 : Math.min(1, this.#host.cache / all);
    return this.pages.map((_, node) => Math.floor(share * own[node]!));
  }

  /** After each second: places what has come, and frees what has gone. */
  settle(): void {
    if (this.pages.length === 1) {
      this.#free[0] = this.#host.free;
      return;
    }
    const grown = this.#grown();
    // What goes makes room first.
    for (let row = 0; row < grown.length; row++) if (grown[row]! < 0) this.#release(row, -grown[row]!);
    const host = this.#guests.length;
    for (let guest = 0; guest < host; guest++)
      if (grown[guest]! > 0) this.#place(guest, this.#homes[guest]!, grown[guest]!);
    const even = Math.floor(Math.max(0, grown[host]!) / this.pages.length);
    for (const node of this.pages.keys()) this.#place(host, node, even);
    this.#place(host, this.#free.indexOf(Math.max(...this.#free)), grown[host]! - even * this.pages.length);
  }

  /** By row, how much more it has than is placed. */
  #grown(): Float64Array {
    const count = this.pages.length;
    const saved = this.#ksm.savedEach;
    const grown = new Float64Array(this.#guests.length + 1);
    let rest = this.#host.pages - this.#host.free;
    for (let at = 0; at < this.#guests.length; at++) {
      const { memory, overhead } = this.#guests[at]!;
      const program = Math.min(overhead, GUEST.qemuShared);
      const held = memory.resident + overhead - program + memory.torn - saved[at]!;
      grown[at] = held;
      rest -= held;
    }
    grown[this.#guests.length] = rest;
    for (let row = 0; row < grown.length; row++)
      for (let at = row * count; at < (row + 1) * count; at++) grown[row]! -= this.#held[at]!;
    return grown;
  }

  /** Takes pages from the first node that has them, from `home` on. A node gives what is below its watermark only when all are down to that. */
  #place(row: number, home: number, pages: number): void {
    const count = this.pages.length;
    let left = pages;
    for (let turn = 0; left > 0 && turn < 2 * count; turn++) {
      const node = (home + turn) % count;
      const kept = turn < count ? this.#low[node]! : 0;
      const taken = Math.max(0, Math.min(left, this.#free[node]! - kept));
      this.#move(row, node, taken);
      left -= taken;
    }
  }

  /** What is given back lies anywhere: each node gets its part. */
  #release(row: number, pages: number): void {
    const count = this.pages.length;
    const first = row * count;
    let all = 0;
    for (let node = 0; node < count; node++) all += this.#held[first + node]!;
    let left = pages;
    for (let node = 0; node < count; node++) {
      const own = this.#held[first + node]!;
      const given = Math.min(own, left, Math.floor((pages * own) / all));
      this.#move(row, node, -given);
      left -= given;
    }
    // What rounding leaves.
    for (; left > 0; left--) {
      const held = this.#held.subarray(first, first + count);
      this.#move(row, held.indexOf(Math.max(...held)), -1);
    }
  }

  #move(row: number, node: number, pages: number): void {
    this.#held[row * this.pages.length + node]! += pages;
    this.#free[node]! -= pages;
  }

  /** What cannot be true of these books, in words; null: nothing. */
  problem(): string | null {
    const below = this.#free.findIndex((pages) => !Number.isSafeInteger(pages) || pages < 0);
    if (below >= 0) return `node ${below} has ${this.#free[below]} free pages`;
    if (this.#held.some((pages) => pages < 0)) return 'something has less than nothing on a node';
    const free = this.#free.reduce((sum, pages) => sum + pages, 0);
    return free === this.#host.free ? null : `its nodes have ${free} of ${this.#host.free} free pages`;
  }
}
