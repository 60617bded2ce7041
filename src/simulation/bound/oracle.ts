import { BALLOON, GUEST, PAGE_KIB } from '../constants.ts';
import { lowWatermark } from '../guest/watermark.ts';
import { Random } from '../random.ts';
import type { GuestSpec, Scenario } from '../scenario/model.ts';
import type { World } from '../world.ts';
import { GuestNeed } from './guest-need.ts';

/** Growth comes before the balloon moves in a second, and a new target is followed from the second after the interval. */
const MARGIN_S = 2;

/** How much it scans while it runs: all that one CPU can. */
const KSM_PAGES = 1_000_000;

/**
 * Steers a simulated host with knowledge of the future: in each interval, each guest gets the most that it will have in use until
 * the next one, and no more. No guard acts, and KSM scans as fast as it can. It shows what is within reach of a policy; the bound
 * may be lower still.
 */
export class Oracle {
  readonly #guests: ReadonlyMap<string, Ahead>;
  readonly #sharesPages: boolean;

  /** @param intervalS the longest time between two calls of {@link steer} */
  constructor({ guests }: Scenario, seed: number, intervalS: number) {
    const random = new Random(String(seed));
    this.#guests = new Map(
      guests.map((spec) => [spec.name, new Ahead(spec, random.split(`guest ${spec.name}`), intervalS)]),
    );
    this.#sharesPages = guests.some(({ sharing }) => sharing.image !== '' && sharing.share > 0);
  }

  /** @returns how many targets it has changed */
  steer({ guests, ksm, nowS }: World): number {
    let moved = 0;
    for (const { spec, balloon, life } of guests) {
      const { target, isNew } = this.#guests.get(spec.name)!.from(nowS);
      if (life.state !== 'running') continue;
      balloon.setTarget(target, nowS);
      if (isNew) moved += 1;
    }
    if (this.#sharesPages) {
      ksm.run = 1;
      ksm.sleepMs = 0;
      ksm.pagesToScan = KSM_PAGES;
    }
    return moved;
  }
}

/** How much a guest will have in use within the next seconds. */
class Ahead {
  readonly #need: GuestNeed;
  readonly #windowS: number;
  /** What its kernel keeps free, pages. */
  readonly #low: number;
  /** By second, from the first that is still to come. */
  #inUse: number[] = [];
  #fromS = 0;
  #last = -1;

  constructor(spec: GuestSpec, random: Random, intervalS: number) {
    this.#need = new GuestNeed(spec, random);
    this.#low = lowWatermark(Math.floor(spec.memoryKib / PAGE_KIB));
    const { lateS, rateKib } = spec.balloon;
    // A slow balloon must begin early.
    const moveS = Math.ceil(spec.memoryKib / (rateKib === 0 ? BALLOON.deflate * PAGE_KIB : rateKib));
    this.#windowS = intervalS + lateS + Math.min(3600, moveS) + MARGIN_S;
  }

  /** @returns its target until the next interval, pages */
  from(nowS: number): { readonly target: number; readonly isNew: boolean } {
    while (this.#fromS + this.#inUse.length < nowS + this.#windowS) {
      this.#need.step();
      this.#inUse.push(this.#need.inUse);
    }
    this.#inUse = this.#inUse.slice(nowS - this.#fromS);
    this.#fromS = nowS;
    const most = this.#inUse.reduce((a, b) => Math.max(a, b), 0);
    const target = Math.ceil((most + this.#low) / (1 - GUEST.cacheLeastShare)) + 1;
    const isNew = target !== this.#last;
    this.#last = target;
    return { target, isNew };
  }
}
