import { GUEST, PAGE_KIB, REPORTING } from '../constants.ts';
import type { Random } from '../random.ts';
import type { GuestSpec, RunningSpec } from '../scenario/model.ts';
import { Balloon } from './balloon.ts';
import { Demand } from './demand.ts';
import { kernelPagesOf, whileBooting } from './kernel.ts';
import { Life } from './life.ts';
import { GuestMemory } from './memory.ts';
import { Statistics } from './statistics.ts';
import { Workload, type Provided } from './workload.ts';

/** One guest: its memory and everything that moves it. */
export class Guest {
  readonly spec: GuestSpec;
  readonly uuid: string;
  readonly pid: number;
  readonly memory: GuestMemory;
  readonly workload: Workload;
  readonly balloon: Balloon;
  readonly statistics: Statistics;
  readonly life: Life;
  readonly #demand: Demand;
  readonly #kernelPages: number;
  /** When its programs began, and until when they do not run because they were killed, seconds. */
  #programsS = 0;
  #restS = 0;
  #hasBooted = false;
  #wantedOverhead = 0;
  /** What QEMU itself has, pages. */
  overhead = 0;
  /** What its programs want at the moment, pages. */
  demandPages = 0;
  /** When its process started, seconds; -1: it never has. */
  startedS = -1;

  /** @param index of the guest on its host, from 0 */
  constructor(spec: GuestSpec, index: number, random: Random) {
    this.spec = spec;
    this.uuid = `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;
    this.pid = 10_000 + index;
    const pages = Math.floor(spec.memoryKib / PAGE_KIB);
    this.memory = new GuestMemory(pages, Math.floor(spec.swapKib / PAGE_KIB), spec.sharing.share);
    this.workload = new Workload(spec, this.memory);
    this.balloon = new Balloon(spec.balloon, this.memory);
    this.statistics = new Statistics(spec, this.memory, random);
    this.life = new Life(spec.life, spec.running === null);
    this.#demand = new Demand(spec.demand, random);
    this.#kernelPages = kernelPagesOf(pages);
  }

  /** The first half of a second. @param unmerges how many pages KSM unmerges @returns how many pages it wants of the host */
  want(nowS: number, unmerges: number): number {
    const event = this.life.at(nowS);
    if (event === 'ended') this.#end();
    if (event === 'started') this.startedS = nowS;
    if (event === 'started' && this.spec.running !== null) this.#begin(nowS, this.spec.running);
    else if (event === 'started' || event === 'rebooted') this.#boot(nowS);
    if (!this.life.isRunning) return 0;
    this.#wantedOverhead = GUEST.qemu - this.overhead;
    return this.#wantedOverhead + this.#wantMemory(nowS, unmerges);
  }

  #wantMemory(nowS: number, unmerges: number): number {
    if (this.life.state === 'booting') {
      this.#hasBooted = false;
      const { kernel, demand } = whileBooting(this.memory.pages, nowS - this.life.bootedS);
      this.demandPages = demand;
      return this.workload.want(kernel, demand, false, unmerges);
    }
    const wanted = this.#demand.at(nowS, nowS - this.#programsS);
    const isKilled = nowS < this.#restS;
    this.demandPages = isKilled ? Math.min(wanted, this.memory.anonymous + this.memory.swapped) : wanted;
    const wants = this.workload.want(this.#kernelPages, this.demandPages, !isKilled, unmerges);
    if (!this.#hasBooted) this.memory.scatter();
    this.#hasBooted = true;
    return wants;
  }

  /** The second half. */
  live(nowS: number, got: Provided): void {
    this.overhead += Math.floor(this.#wantedOverhead * got.share);
    this.workload.get(got);
    if (this.workload.isStarved) {
      this.workload.killPrograms();
      this.#restS = nowS + GUEST.oomRestartS;
      this.#programsS = this.#restS;
    }
    if (this.life.state === 'booting') return;
    this.balloon.move(nowS, this.workload.counters);
    if (this.spec.freePageReporting) this.#reportFreePages();
    this.statistics.step(nowS, this.workload.counters);
  }

  /** The OOM killer of the host takes it. */
  kill(): void {
    this.life.kill();
    this.#end();
  }

  #end(): void {
    this.memory.end();
    this.overhead = 0;
  }

  /** It has been running: its memory is touched at once, as far as the host has it. */
  #begin(nowS: number, { sizeKib, cacheKib, residentKib }: RunningSpec): void {
    const { memory, workload } = this;
    const pages = (kib: number): number => Math.floor(kib / PAGE_KIB);
    const size = Math.min(memory.pages, pages(sizeKib));
    if (size < memory.pages) memory.inflate(memory.pages - size, true);
    this.balloon.begin(size);
    const used = this.#kernelPages + this.#demand.at(nowS, 0) + pages(cacheKib);
    workload.begin(pages(cacheKib), Math.max(0, pages(residentKib) - used));
    this.#programsS = nowS;
  }

  #boot(nowS: number): void {
    this.memory.wipe();
    this.workload.reset();
    this.statistics.reset();
    this.#programsS = nowS + GUEST.bootS;
    this.#restS = 0;
  }

  #reportFreePages(): void {
    const { memory } = this;
    const inBlocks = Math.floor(memory.freeTouched - (1 - REPORTING.blockShare) * memory.free);
    if (inBlocks > 0) memory.report(Math.ceil(inBlocks * REPORTING.perS));
  }
}
