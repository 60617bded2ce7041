import { PAGE_KIB } from '../../constants.ts';
import type { Guest } from '../../guest/guest.ts';
import { Measure, type Measured } from '../../measure.ts';
import type { Scenario } from '../../scenario/model.ts';
import { World } from '../../world.ts';
import { valueAt, type Point } from '../curve.ts';
import type { RecordingFit } from './fit.ts';

/** How often what is simulated is compared with what was recorded, seconds. */
const COMPARED_EVERY_S = 5;

/** Seconds from the start of a guest that are not compared: it boots. */
const BOOTS_S = 60;

interface PlayedGuest {
  readonly guest: Guest;
  readonly memoryKib: number;
  readonly targets: readonly { readonly atS: number; readonly kib: number }[];
  readonly sizes: readonly Point[];
  readonly resident: readonly Point[];
  readonly fromS: number;
  readonly toS: number;
}

/** How far a simulation is from a recording. Sizes are KiB. */
export interface PlaybackError {
  readonly what: 'size' | 'resident' | 'free';
  readonly meanKib: number;
  readonly p95Kib: number;
  /** Simulated less recorded, on average. */
  readonly biasKib: number;
  /** The mean as a share of the memory of the guest, or of the host. */
  readonly meanShare: number;
}

/** The world of a fitted scenario, with the balloon targets and the settings of KSM that were recorded. */
export class Playback {
  readonly #world: World;
  readonly #measure: Measure;
  readonly #guests: readonly PlayedGuest[];
  readonly #fit: RecordingFit;
  readonly #differences = { size: new Differences(), resident: new Differences(), free: new Differences() };
  readonly #free: readonly Point[];

  /** @param scenario what `fit` made: its guests are in the order of the histories */
  constructor(fit: RecordingFit, scenario: Scenario, seed: number) {
    this.#fit = fit;
    this.#world = new World(scenario, seed);
    this.#measure = new Measure(this.#world);
    const byName = new Map(this.#world.guests.map((guest) => [guest.spec.name, guest]));
    this.#guests = scenario.guests.map(({ name, memoryKib, life }, at): PlayedGuest => {
      const { balloon, resident, firstS, lastS } = fit.histories[at]!;
      const sizes = balloon.sizes.points();
      // Something else moved the balloon.
      const others = sizes.slice(1).map(({ atS, sizeKib }) => ({ atS, kib: sizeKib }));
      const targets = balloon.targets.length > 0 ? balloon.targets : others;
      const fromS = Math.max(firstS, life.startS === 0 ? 0 : life.startS + BOOTS_S);
      return { guest: byName.get(name)!, memoryKib, targets, sizes, resident: resident.points(), fromS, toS: lastS };
    });
    this.#free = fit.host?.free.points() ?? [];
  }

  get nowS(): number {
    return this.#world.nowS;
  }

  /** One second. */
  step(): void {
    const world = this.#world;
    const { nowS } = world;
    this.#set(nowS);
    world.step();
    this.#measure.add();
    if (nowS % COMPARED_EVERY_S === 0) this.#compare(nowS);
  }

  result(): Measured {
    return this.#measure.result();
  }

  errors(): readonly PlaybackError[] {
    const { size, resident, free } = this.#differences;
    return [size.error('size'), resident.error('resident'), free.error('free')];
  }

  #set(nowS: number): void {
    for (const { guest, targets } of this.#guests) {
      const due = this.#due(targets, nowS);
      if (due === null) continue;
      guest.balloon.setTarget(Math.floor(due.kib / PAGE_KIB), nowS);
      this.#measure.balloonMoves += 1;
    }
    const settings = this.#due(this.#fit.host?.ksm ?? [], nowS)?.settings;
    if (settings === undefined) return;
    this.#world.ksm.run = settings.run ? 1 : 0;
    this.#world.ksm.pagesToScan = settings.pagesToScan;
    this.#world.ksm.sleepMs = settings.sleepMs;
  }

  /** Where each list has been read to. */
  readonly #next = new Map<readonly { readonly atS: number }[], number>();

  /** The last of what has become due. */
  #due<T extends { readonly atS: number }>(list: readonly T[], nowS: number): T | null {
    let next = this.#next.get(list) ?? 0;
    let due: T | null = null;
    for (; next < list.length && list[next]!.atS <= nowS; next++) due = list[next]!;
    this.#next.set(list, next);
    return due;
  }

  #compare(nowS: number): void {
    const { size, resident, free } = this.#differences;
    for (const { guest, memoryKib, sizes, resident: recorded, fromS, toS } of this.#guests) {
      if (nowS < fromS || nowS > toS || !guest.life.isRunning || guest.life.state === 'booting') continue;
      size.add(guest.memory.size * PAGE_KIB - valueAt(sizes, nowS), memoryKib);
      if (recorded.length > 0)
        resident.add((guest.memory.resident + guest.overhead) * PAGE_KIB - valueAt(recorded, nowS), memoryKib);
    }
    const { host } = this.#world;
    if (this.#free.length > 0 && nowS >= BOOTS_S)
      free.add(host.free * PAGE_KIB - valueAt(this.#free, nowS), host.pages * PAGE_KIB);
  }
}

/** Differences of a simulation from a recording, in classes of 1 %, so that a quantile needs no list of all values. */
class Differences {
  readonly #classes = new Map<number, number>();
  #count = 0;
  #sum = 0;
  #absolute = 0;
  #shares = 0;

  add(kib: number, ofKib: number): void {
    const distance = Math.abs(kib);
    this.#count += 1;
    this.#sum += kib;
    this.#absolute += distance;
    this.#shares += distance / ofKib;
    const index = distance < 1 ? 0 : Math.ceil(Math.log(distance) / Math.log(1.01));
    this.#classes.set(index, (this.#classes.get(index) ?? 0) + 1);
  }

  error(what: PlaybackError['what']): PlaybackError {
    const count = Math.max(1, this.#count);
    return {
      what,
      meanKib: this.#absolute / count,
      p95Kib: this.#quantile(0.95),
      biasKib: this.#sum / count,
      meanShare: this.#shares / count,
    };
  }

  #quantile(share: number): number {
    let left = share * this.#count;
    for (const [index, count] of [...this.#classes].toSorted(([a], [b]) => a - b)) {
      left -= count;
      if (left <= 0) return index === 0 ? 0 : 1.01 ** index;
    }
    return 0;
  }
}
