import { HOST, PAGE_KIB } from './constants.ts';
import { Demand } from './guest/demand.ts';
import { Guest } from './guest/guest.ts';
import { HostMemory } from './host/memory.ts';
import { Ksm } from './host/ksm.ts';
import { homesOf, HostNodes } from './host/nodes.ts';
import { Pressure } from './host/pressure.ts';
import { Random } from './random.ts';
import type { Scenario } from './scenario/model.ts';

/**
 * A host with its guests, second by second: bursts last seconds, so its steps must not be as long as an interval. The order
 * in which a scenario has the guests is irrelevant: they are sorted by name.
 */
export class World {
  readonly scenario: Scenario;
  readonly guests: readonly Guest[];
  readonly host: HostMemory;
  readonly ksm: Ksm;
  /** Null: its kernel shows none. */
  readonly nodes: HostNodes | null;
  readonly pressure = new Pressure();
  readonly #other: Demand;
  readonly #byUuid: ReadonlyMap<string, Guest>;
  /** Seconds of virtual time that have passed. */
  #nowS = 0;
  #starvedS = 0;

  constructor(scenario: Scenario, seed: number) {
    this.scenario = scenario;
    const random = new Random(String(seed));
    const sorted = scenario.guests.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    this.guests = sorted.map((spec, index) => new Guest(spec, index, random.split(`guest ${spec.name}`)));
    this.#byUuid = new Map(this.guests.map((guest) => [guest.uuid, guest]));
    this.host = new HostMemory(scenario.host, this.guests);
    const { numa, ksm } = scenario.host;
    const homes = homesOf(this.guests, numa?.nodes ?? 1);
    this.ksm = new Ksm(ksm, this.guests, homes);
    this.nodes = numa && new HostNodes(numa.nodes, homes, this);
    this.#other = new Demand(scenario.host.other, random.split('other'));
  }

  get nowS(): number {
    return this.#nowS;
  }

  guest(uuid: string): Guest | undefined {
    return this.#byUuid.get(uuid);
  }

  /** One second. */
  step(): void {
    const nowS = this.#nowS;
    const { guests, host, ksm } = this;
    const { unmergesEach } = ksm;
    const wants = guests.map((guest) => guest.want(nowS, unmergesEach));
    const wanted = wants.reduce((sum, pages) => sum + pages, 0);
    const otherWanted = this.#otherWants(nowS);
    host.saved = ksm.merged.sharing;
    const share = host.provide(wanted + otherWanted);
    host.other += Math.floor(otherWanted * share);
    const stalls: number[] = [];
    const { swapPageS, swapWaitS } = host;
    const waitS = swapWaitS / Math.max(1, wanted + otherWanted);
    for (const [at, guest] of guests.entries()) {
      if (!guest.life.isRunning) continue;
      guest.live(nowS, { share, swapPageS, waitS: wants[at]! * waitS });
      const { workload } = guest;
      stalls.push(workload.hostStallS);
      host.counters.swapIn += workload.hostSwapIns;
      host.counters.copiedOnWrite += workload.unmerged;
    }
    ksm.scan();
    host.saved = ksm.merged.sharing;
    host.settle();
    this.#killWhenNothingIsLeft(wanted + otherWanted, share);
    this.nodes?.settle();
    this.pressure.step(stalls);
    this.#nowS += 1;
  }

  #otherWants(nowS: number): number {
    const { host } = this;
    const target = this.#other.at(nowS, nowS);
    if (target < host.other) host.other = target;
    return target - host.other;
  }

  /** The OOM killer of the host takes the process with the most memory, which is a guest. */
  #killWhenNothingIsLeft(wanted: number, share: number): void {
    this.#starvedS = wanted > 0 && share < HOST.oomShare ? this.#starvedS + 1 : 0;
    if (this.#starvedS < HOST.oomPatienceS) return;
    this.#starvedS = 0;
    const running = this.guests.filter(({ life }) => life.isRunning);
    const [largest] = running.toSorted((a, b) => b.memory.resident - a.memory.resident);
    if (largest === undefined) return;
    largest.kill();
    this.host.saved = this.ksm.merged.sharing;
    this.host.counters.oomKills += 1;
  }

  /** What cannot be true of the books, in words; null: nothing. */
  problem(): string | null {
    for (const { spec, memory } of this.guests) {
      const problem = memory.problem();
      if (problem !== null) return `${spec.name}: ${problem}`;
    }
    const problem = this.host.problem() ?? this.nodes?.problem() ?? null;
    return problem === null ? null : `the host: ${problem}`;
  }

  /** Memory promised to the running guests as a share of what the host has. */
  get promised(): number {
    const sum = this.guests.reduce((kib, { life, spec }) => kib + (life.isRunning ? spec.memoryKib : 0), 0);
    return sum / (this.host.pages * PAGE_KIB);
  }
}
