import type { Sample } from '../../../model/field.ts';
import type { BalloonKind } from '../../scenario/model.ts';
import { Curve, toleranceOf } from '../curve.ts';
import type { Columns } from './columns.ts';

/** Nearer to its target than this share of the memory of the guest is there. */
const THERE = 0.005;

/** A balloon that has not moved for so long after a target is stuck, seconds. */
const STUCK_S = 60;

/** A smaller balloon says nothing about what the host got back, share of the memory of the guest. */
const INFLATED = 0.1;

/** What the process of a guest has besides its memory, KiB: 60 to 250 MiB. */
const OVERHEAD_KIB = 250 * 1024;

/** So many samples in a row on the way to one target are a movement whose rate can be told. */
const STEPS = 3;

/** Follows the balloon of a guest, and the targets that were set. */
export class BalloonTrack {
  readonly #memoryKib: number;
  readonly #thereKib: number;
  #target: { readonly kib: number; readonly sinceS: number; readonly fromKib: number } | null = null;
  #last: { readonly atS: number; readonly kib: number } | null = null;
  /** Movements of the present target, KiB per second. */
  #rates: number[] = [];
  #fastest = 0;
  #fastestHeld = 0;
  #stuckTargets = 0;
  #followedTargets = 0;
  #guardSaysStuck = false;
  #isHeld = false;
  /** Samples with a balloon of some size, and those of them in which its memory was still resident. */
  #inflated = { samples: 0, resident: 0 };
  #hasNone = false;
  /** All targets that were set. */
  readonly targets: { readonly atS: number; readonly kib: number }[] = [];
  readonly sizes: Curve;

  constructor(memoryKib: number) {
    this.#memoryKib = memoryKib;
    this.sizes = new Curve(toleranceOf(memoryKib));
    this.#thereKib = Math.max(1024, memoryKib * THERE);
  }

  /** What is recorded about the balloon besides its size. */
  note(sample: Sample, columns: Columns): void {
    if (columns.value(sample, 'balloon_model') === 'none') this.#hasNone = true;
    if (columns.is(sample, 'locked') || columns.is(sample, 'hugepages')) this.#isHeld = true;
  }

  setTarget(atS: number, kib: number): void {
    const before = this.#target;
    const fromKib = this.#last?.kib ?? this.#memoryKib;
    // Targets follow each other faster than a balloon is known to be stuck.
    const sinceS = before !== null && before.fromKib === fromKib ? before.sinceS : atS;
    this.#judge(atS);
    this.targets.push({ atS, kib });
    this.#target = { kib: Math.min(kib, this.#memoryKib), sinceS, fromKib };
    this.#rates = [];
  }

  add(atS: number, kib: number, isStuck: boolean): void {
    this.sizes.add(atS, kib);
    if (isStuck) this.#guardSaysStuck = true;
    const last = this.#last;
    const target = this.#target;
    this.#last = { atS, kib };
    if (last === null || target === null || atS <= last.atS) return;
    const rate = Math.abs(kib - last.kib) / (atS - last.atS);
    const isOnTheWay = Math.abs(kib - target.kib) > this.#thereKib;
    if (rate > 0) this.#fastest = Math.max(this.#fastest, rate);
    if (!isOnTheWay) this.#judge(atS);
    else if (rate > 0) this.#rates.push(rate);
  }

  /** Whether the host got back what is in the balloon. @param residentKib of its process @param guardSaysSo that nothing was returned */
  compare(sizeKib: number, residentKib: number, guardSaysSo: boolean): void {
    const balloonKib = this.#memoryKib - sizeKib;
    if (balloonKib < INFLATED * this.#memoryKib) return;
    this.#inflated.samples += 1;
    // Alone, neither of the two is enough: memory that was never touched is not returned either.
    const mostKib = sizeKib + (guardSaysSo ? balloonKib / 4 : balloonKib / 2 + OVERHEAD_KIB);
    if (residentKib > mostKib) this.#inflated.resident += 1;
  }

  get moves(): BalloonKind {
    if (this.#hasNone) return 'none';
    const onlyStuck = this.#stuckTargets > 0 && this.#followedTargets === 0;
    if (onlyStuck || (this.#guardSaysStuck && this.#followedTargets === 0)) return 'stuck';
    const isResident = this.#inflated.resident > 0.5 * this.#inflated.samples;
    return this.#isHeld || isResident ? 'hollow' : 'follows';
  }

  /** KiB per second; 0: it was never seen to be slow. */
  get rateKib(): number {
    // A movement that ended within an interval says nothing about its rate, and neither does one that was faster elsewhere.
    return this.#fastestHeld > 0 && this.#fastest <= 1.2 * this.#fastestHeld ? Math.round(this.#fastestHeld) : 0;
  }

  /** A target is reached, or replaced by another. */
  #judge(atS: number): void {
    const target = this.#target;
    const last = this.#last;
    if (target === null || last === null) return;
    this.#target = null;
    const wanted = Math.abs(target.kib - target.fromKib);
    if (wanted <= this.#thereKib) return;
    const moved = Math.abs(last.kib - target.fromKib);
    if (moved > 0.05 * wanted) this.#followedTargets += 1;
    else if (atS - target.sinceS >= STUCK_S) this.#stuckTargets += 1;
    if (this.#rates.length < STEPS) return;
    // The first step is cut short by the time of the target.
    const held = this.#rates.slice(1).toSorted((a, b) => a - b);
    const [slow, middle, fast] = [held[0]!, held[Math.floor(held.length / 2)]!, held.at(-1)!];
    if (fast <= 1.2 * slow) this.#fastestHeld = Math.max(this.#fastestHeld, middle);
  }
}
