import { GUEST, PAGE_KIB } from '../../src/simulation/constants.ts';
import type { DemandSpec, GuestSpec, Scenario } from '../../src/simulation/scenario/model.ts';
import type { Guest } from '../../src/simulation/guest/guest.ts';
import { World } from '../../src/simulation/world.ts';
import type { Event, ExperimentPlan, GuestPlan } from '../../test/real-host/calibration/plan.ts';
import { GUEST_COLUMNS, HOST_COLUMNS, type Course, type Observed } from './observed.ts';

const MIB = 1024;
const SEED = 1;
/** The machine around the small host is never short of memory. */
const ROOMY_KIB = 24 * MIB * MIB;
const SWAP_KIB = 2 * MIB * MIB;
/** Of the disk that the host swaps to: so fast that its pages cost the waiting of the fit set. */
const SWAP_SPEED_KIB = 750 * MIB;
/** What guests of one kernel share without any heap, zeros included. */
const KERNEL_SHARED_MIB = 50;
/** What an emulated guest's QEMU has more than others: its cache of translated code. */
const EMULATION_KIB = 32 * MIB;

/** The same experiment in the simulator: the heap that programs had, and the targets that balloons were told, at the same seconds. */
export function simulate({ plan, events }: Pick<Observed, 'plan' | 'events'>): Course {
  const world = new World(scenarioOf(plan, events), SEED);
  const seconds = Array.from({ length: plan.seconds + 1 }, (_, at) => at);
  const at = (event: Event): number => Math.floor(event.ms / 1000);
  const host = emptyColumns(HOST_COLUMNS);
  const guests = Object.fromEntries(plan.guests.map(({ name }) => [name, emptyColumns(GUEST_COLUMNS)]));
  const stallMs = new Map<string, number>();
  for (const second of seconds) {
    noteHost(world, host);
    for (const guest of world.guests) noteGuest(guest, guests[guest.spec.name]!, stallMs.get(guest.spec.name) ?? 0);
    for (const event of events) {
      if (at(event) !== second) continue;
      if (event.kind === 'target')
        world.guests
          .find(({ spec }) => spec.name === event.guest)
          ?.balloon.setTarget((event.mib * MIB) / PAGE_KIB, second);
      if (event.kind === 'ksm') [world.ksm.run, world.ksm.pagesToScan] = [event.run, event.pagesToScan];
    }
    world.step();
    for (const { spec, workload, balloon } of world.guests) {
      // As the guest's own PSI has it, which counts what its kernel reclaims for the balloon.
      const stallS = Math.min(1, workload.stallS + balloon.stallS);
      stallMs.set(spec.name, (stallMs.get(spec.name) ?? 0) + stallS * 1000);
    }
  }
  return { host, guests };
}

type Columns<Name extends string> = Record<Name, (number | null)[]>;

function emptyColumns<Name extends string>(names: readonly Name[]): Columns<Name> {
  return Object.fromEntries(names.map((name) => [name, []])) as unknown as Columns<Name>;
}

function add<Name extends string>(columns: Columns<Name>, values: Readonly<Record<Name, number | null>>): void {
  for (const name in columns) columns[name].push(values[name] === null ? null : Math.round(values[name]));
}

function noteHost({ host, ksm, pressure }: World, columns: Columns<(typeof HOST_COLUMNS)[number]>): void {
  const { shared, sharing } = ksm.merged;
  const { unshared, volatile } = ksm.notMerged;
  add(columns, {
    taken: (host.pages - host.free) * PAGE_KIB,
    swap: host.swapped * PAGE_KIB,
    ...{ swapIn: host.counters.swapIn * PAGE_KIB, swapOut: host.counters.swapOut * PAGE_KIB },
    stallMs: pressure.some.totalUs / 1000,
    ...{ ksmSharingPages: sharing, ksmSharedPages: shared, ksmUnsharedPages: unshared, ksmVolatilePages: volatile },
    ...{ ksmScannedPages: ksm.pagesScanned, ksmdMs: ksm.cpuS * 1000 },
  });
}

function noteGuest(
  { memory, overhead, life, statistics }: Guest,
  columns: Columns<(typeof GUEST_COLUMNS)[number]>,
  stallMs: number,
): void {
  const { availableKib, unusedKib, usableKib, diskCachesKib, swapInKib, swapOutKib, majorFaults } = statistics.last;
  const running = (value: number | null | undefined): number | null => (life.isRunning ? (value ?? null) : null);
  add(columns, {
    size: running(memory.size * PAGE_KIB),
    ...{ available: running(availableKib), unused: running(unusedKib), usable: running(usableKib) },
    ...{ caches: running(diskCachesKib), rss: running((memory.resident + overhead) * PAGE_KIB + EMULATION_KIB) },
    ...{ swapIn: running(swapInKib), swapOut: running(swapOutKib), majorFaults: running(majorFaults) },
    stallMs: running(stallMs),
    statsAgeMs: null,
  });
}

function scenarioOf(plan: ExperimentPlan, events: readonly Event[]): Scenario {
  return {
    ...{ name: plan.name, story: plan.about, durationS: plan.seconds },
    host: {
      ...{ memoryKib: plan.hostMib === null ? ROOMY_KIB : plan.hostMib * MIB, cpus: 2, reserveKib: 0 },
      ...{
        swapKib: plan.hostSwap ? SWAP_KIB : 0,
        swapSpeedKib: SWAP_SPEED_KIB,
        filesKib: 0,
        other: demand(emulationOf(events)),
      },
      ...{ arc: { minKib: 0, maxKib: 0 }, ksm: { run: false, pagesToScan: 100, sleepMs: 20, mergeAcrossNodes: true } },
      numa: null,
    },
    guests: plan.guests.map((guest) => guestOf(guest, events)),
  };
}

/** What emulation takes of the host, from the start of each guest on. */
function emulationOf(events: readonly Event[]): DemandSpec['points'] {
  const starts = events.filter(({ kind }) => kind === 'started').map(({ ms }) => ms / 1000);
  const points = [{ atS: 0, sizeKib: 0 }];
  for (const [before, startS] of starts.entries()) {
    const atS = Math.max(startS, points.at(-1)!.atS + 0.001);
    points.push({ atS, sizeKib: EMULATION_KIB * before }, { atS: atS + 0.001, sizeKib: EMULATION_KIB * (before + 1) });
  }
  return points;
}

function guestOf(plan: GuestPlan, events: readonly Event[]): GuestSpec {
  const own = events.filter((event) => 'guest' in event && event.guest === plan.name);
  const bootedMs = own.find(({ kind }) => kind === 'booted')?.ms ?? plan.startS * 1000;
  const heapMib = Math.max(0, ...plan.heap.map(({ mib }) => mib));
  const sharedMib = plan.hasImage ? heapMib + KERNEL_SHARED_MIB : KERNEL_SHARED_MIB;
  const usedMib = heapMib + (GUEST.kernelBase * PAGE_KIB) / MIB + GUEST.kernelShare * plan.memoryMib;
  return {
    ...{ name: plan.name, memoryKib: plan.memoryMib * MIB, minKib: null, swapKib: plan.swapMib * MIB },
    ...{ demand: demand(pointsOf(own)), idle: plan.idle },
    files: {
      ...{ sizeKib: (plan.files?.sizeMib ?? 0) * MIB, hotKib: (plan.files?.hotMib ?? 0) * MIB },
      readsKib: (plan.files?.readsMib ?? 0) * MIB,
    },
    balloon: { moves: 'follows', rateKib: 0, limitKib: 0, lateS: 0 },
    freePageReporting: false,
    running: null,
    node: null,
    statistics: { kind: 'linux', periodS: 1, lateS: 0, untilS: 0 },
    // How long booting takes is not compared: it ends when it did.
    sharing: { image: 'image', share: sharedMib / usedMib, writes: (plan.writesPerMin * heapMib) / sharedMib },
    life: { startS: Math.ceil(bootedMs / 1000) - GUEST.bootS, stopS: 0, rebootsS: [], migrateS: 0, migrationS: 0 },
  };
}

/** The heap that programs had over time. */
function pointsOf(events: readonly Event[]): DemandSpec['points'] {
  const points: { atS: number; sizeKib: number }[] = [{ atS: 0, sizeKib: 0 }];
  for (const event of events) {
    if (event.kind !== 'heap') continue;
    const last = points.at(-1)!;
    // What a second of the simulation wants is there at its end.
    const atS = Math.max(event.ms / 1000 - 1, last.atS + 0.001);
    const sizeKib = event.mib * MIB;
    // It was taken little by little, at most a second ago, and given back at once.
    const fromS = sizeKib > last.sizeKib ? atS - 1 : atS - 0.001;
    if (fromS > last.atS) points.push({ atS: fromS, sizeKib: last.sizeKib });
    points.push({ atS, sizeKib });
  }
  return points;
}

function demand(points: DemandSpec['points']): DemandSpec {
  return { baseKib: 0, spread: 0, day: null, points, repeatS: 0, bursts: null, leakKib: 0 };
}
