import { GUEST, HOST, PAGE_KIB } from '../constants.ts';
import { Demand } from '../guest/demand.ts';
import { Random } from '../random.ts';
import type { HostSpec, Scenario } from '../scenario/model.ts';
import { GuestNeed } from './guest-need.ts';

/** What is possible at best: nobody waits, and no policy can use less memory. */
export interface Bound {
  /** Whether all that runs fits on the host in every second, so that nobody has to wait for the host. */
  readonly feasible: boolean;
  /** The second with the least room, and the room, KiB; negative: so much is lacking. */
  readonly tightestS: number;
  readonly headroomKib: number;
  /** What is lacking, summed over time, GiB hours. */
  readonly shortageGibH: number;
  /** The least memory of the host that the guests use, on average and at most, KiB. */
  readonly meanKib: number;
  readonly peakKib: number;
  /** Guests that need more than they have, whatever the host has: they wait in any case. By name. */
  readonly tooSmall: readonly string[];
}

/** One second of the bound, pages. */
export interface BoundMoment {
  readonly nowS: number;
  /** The least that the guests use, QEMU's own memory included, less what KSM saves at best. */
  readonly used: number;
  /** What the host has for them. */
  readonly room: number;
}

/** A page on the host's swap that is idle is touched now and then; of fewer than these, none is in a second. */
const NEVER_TOUCHED = Math.ceil(1 / HOST.idleTouchedPerS);
const PAGES_PER_GIB = 1024 ** 2 / PAGE_KIB;

/**
 * Computes the bound from the scenario and the seed alone: from the same demand that a simulation of them has.
 * @param onSecond called with each second
 */
export function boundOf(scenario: Scenario, seed: number, onSecond?: (moment: BoundMoment) => void): Bound {
  const moments = new BoundMoments(scenario, seed);
  let [sum, peak, lacking, tightestS, headroom] = [0, 0, 0, 0, Infinity];
  for (let nowS = 0; nowS < scenario.durationS; nowS++) {
    const { used, room } = moments.next();
    onSecond?.({ nowS, used, room });
    sum += used;
    if (used > peak) peak = used;
    if (room < used) lacking += used - room;
    if (room - used < headroom) [headroom, tightestS] = [room - used, nowS];
  }
  return {
    feasible: headroom >= 0,
    tightestS,
    headroomKib: headroom * PAGE_KIB,
    shortageGibH: lacking / PAGES_PER_GIB / 3600,
    meanKib: Math.round((sum / Math.max(1, scenario.durationS)) * PAGE_KIB),
    peakKib: peak * PAGE_KIB,
    tooSmall: moments.tooSmall,
  };
}

/** The bound, second by second. */
class BoundMoments {
  readonly #guests: readonly GuestNeed[];
  readonly #images: readonly (readonly number[])[];
  readonly #backed: number[];
  readonly #host: HostSpec;
  readonly #other: Demand;
  readonly #roomPages: number;
  readonly #tooSmall = new Set<string>();
  #nowS = 0;

  constructor({ host, guests }: Scenario, seed: number) {
    const random = new Random(String(seed));
    this.#guests = guests.map((spec) => new GuestNeed(spec, random.split(`guest ${spec.name}`)));
    this.#backed = guests.map(() => 0);
    const images = new Set(guests.map(({ sharing }) => sharing.image).filter((image) => image !== ''));
    const guestsOf = (image: string) => guests.flatMap(({ sharing }, at) => (sharing.image === image ? [at] : []));
    this.#images = [...images].map(guestsOf);
    this.#host = host;
    this.#other = new Demand(host.other, random.split('other'));
    const pages = Math.floor(host.memoryKib / PAGE_KIB);
    const kept = Math.floor(host.reserveKib / PAGE_KIB) + Math.floor(host.arc.minKib / PAGE_KIB);
    this.#roomPages = pages - kept - Math.floor(pages * HOST.least);
  }

  get tooSmall(): readonly string[] {
    return [...this.#tooSmall].sort();
  }

  next(): { readonly used: number; readonly room: number } {
    let used = 0;
    let running = 0;
    let someEnd = false;
    for (const [at, guest] of this.#guests.entries()) {
      const backed = guest.step();
      this.#backed[at] = backed;
      if (!guest.isRunning) continue;
      running += 1;
      used += backed + GUEST.qemu;
      if (guest.isLast) someEnd = true;
      if (guest.isTooSmall) this.#tooSmall.add(guest.spec.name);
    }
    const { swapKib, swapSpeedKib } = this.#host;
    // What was swapped just before a guest ends is never touched.
    const ofEnding = someEnd ? Math.floor(swapSpeedKib / PAGE_KIB) : 0;
    const swapped = Math.min(Math.floor(swapKib / PAGE_KIB), running * NEVER_TOUCHED + ofEnding);
    // The program of all QEMUs is there once.
    used -= GUEST.qemuShared * Math.max(0, running - 1);
    const room = this.#roomPages - this.#other.at(this.#nowS, this.#nowS);
    this.#nowS += 1;
    return { used: Math.max(0, used - this.#saved() - swapped), room };
  }

  /** What KSM saves at best: one copy is left of what the guests of an image share. */
  #saved(): number {
    let saved = 0;
    for (const image of this.#images) {
      let [sum, most] = [0, 0];
      for (const at of image) {
        const equal = this.#guests[at]!.spec.sharing.share * this.#backed[at]!;
        sum += equal;
        if (equal > most) most = equal;
      }
      saved += Math.ceil(sum - most);
    }
    return saved;
  }
}
