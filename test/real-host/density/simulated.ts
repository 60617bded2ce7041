import { Simulation, type Simulated } from '../../../src/compose/simulation.ts';
import { loadHostSetup, loadSetup } from '../../../src/compose/setup.ts';
import type { DemandSpec, GuestSpec, Scenario } from '../../../src/simulation/scenario/model.ts';
import type { World } from '../../../src/simulation/world.ts';
import { writeConfig, type DaemonSetup } from './daemon.ts';
import { SPARED_MIB } from './demand.ts';
import type { Figures } from './figures.ts';
import { NO_POLICY, type DensityOptions } from './options.ts';
import { mean, pagesToMib } from './pain.ts';
import { CHUNK_MIB, planDemand, type GuestPlan } from './plan.ts';
import type { PolicyRun } from './results.ts';
import { LEAD_S, TRANSLATION_CACHE_MIB } from './run.ts';
import { inTurn } from './schedule.ts';

const MIB = 1024;

/** Of the disk that the host swaps to, KiB a second: see scripts/calibration/simulate.ts. */
const SWAP_SPEED_KIB = 750 * MIB;

/** The same runs in the simulator, with the same plans, configuration and policies. */
export async function simulateAll(options: DensityOptions, folder: string): Promise<readonly PolicyRun[]> {
  const setup = { folder, config: options.config, pace: options.pace };
  const runs: PolicyRun[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    for (const { guests, policy } of inTurn(options.guests, options.policies, round)) {
      const scenario = scenarioOf(options, guests, round);
      runs.push({ round, guests, policy, figures: await simulate(scenario, options.seed + round, policy, setup) });
    }
  }
  return runs;
}

/** The scenario of one number of guests in one round. */
export function scenarioOf(options: DensityOptions, guests: number, round: number): Scenario {
  const { guestMib, hostMib, seconds } = options;
  const seed = options.seed + round;
  const plans = planDemand({ guestMib, seconds, guests, seed });
  return {
    name: `density-${guests}-${seed}`,
    story: `${guests} guests of ${guestMib} MiB on a host of ${hostMib} MiB, with the plan of test:density for seed ${seed}.`,
    durationS: LEAD_S + seconds,
    host: {
      ...{ memoryKib: hostMib * MIB, cpus: 2, reserveKib: 0, swapKib: guests * guestMib * MIB },
      ...{ swapSpeedKib: SWAP_SPEED_KIB, filesKib: 0, numa: null, arc: { minKib: 0, maxKib: 0 } },
      // What emulation takes of the host: a KVM guest has no translated code.
      other: demand(guests * TRANSLATION_CACHE_MIB * MIB),
      ksm: { run: false, pagesToScan: 100, sleepMs: 20, mergeAcrossNodes: true },
    },
    guests: plans.map((plan, index) => guestOf(plan, `guest-${index + 1}`, guestMib)),
  };
}

function guestOf({ workingSetMib, steps }: GuestPlan, name: string, guestMib: number): GuestSpec {
  const memoryKib = guestMib * MIB;
  const baseMib = workingSetMib + CHUNK_MIB;
  const heapMib = mean(steps.map((step) => step.heapMib));
  return {
    ...{ name, memoryKib, minKib: null, swapKib: memoryKib, node: null, freePageReporting: false },
    demand: { ...demand(baseMib * MIB), points: pointsOf(steps) },
    // A job reads the working set, and nothing reads the rest.
    idle: heapMib / (heapMib + baseMib),
    files: { sizeKib: 0, hotKib: 0, readsKib: 0 },
    balloon: { moves: 'follows', rateKib: 0, limitKib: 0, lateS: 0 },
    statistics: { kind: 'linux', periodS: 1, lateS: 0, untilS: 0 },
    sharing: { image: '', share: 0, writes: 0.01 },
    life: { startS: 0, stopS: 0, rebootsS: [], migrateS: 0, migrationS: 60 },
    running: { sizeKib: memoryKib, cacheKib: 0, residentKib: memoryKib - SPARED_MIB * MIB },
  };
}

/** Each step changes the heap within a second. */
function pointsOf(steps: GuestPlan['steps']): DemandSpec['points'] {
  const points = [{ atS: 0, sizeKib: 0 }];
  for (const { atS, heapMib } of steps) {
    const before = points.at(-1)!;
    const sizeKib = heapMib * MIB;
    if (sizeKib === before.sizeKib) continue;
    const wantedS = LEAD_S + atS;
    if (wantedS - 1 > before.atS) points.push({ atS: wantedS - 1, sizeKib: before.sizeKib });
    points.push({ atS: wantedS, sizeKib });
  }
  return points;
}

function demand(baseKib: number): DemandSpec {
  return { baseKib, spread: 0, day: null, points: [], repeatS: 0, bursts: null, leakKib: 0 };
}

async function simulate(
  scenario: Scenario,
  seed: number,
  policy: string,
  setup: Omit<DaemonSetup, 'command'>,
): Promise<Figures> {
  const simulation = new Simulation({ scenario, seed, ...(await steering(scenario, policy, setup)) });
  const { world } = simulation;
  const sums = { waitedS: 0, ownS: 0, sizes: [] as number[] };
  let begin = countersOf(world);
  const result = await simulation.run(new AbortController().signal, (_report, nowS) => {
    if (nowS <= LEAD_S) {
      begin = countersOf(world);
      return;
    }
    for (const { workload, memory } of world.guests) {
      sums.waitedS += workload.stallS;
      sums.ownS += workload.stallS - workload.hostStallS;
      sums.sizes.push(pagesToMib(memory.size));
    }
  });
  const end = countersOf(world);
  const since = (name: keyof Counts): number => end[name] - begin[name];
  return {
    lostS: sums.waitedS,
    guestMajorFaults: since('majorFaults'),
    guestSwapInMib: pagesToMib(since('guestSwapIn')),
    guestStalledS: sums.ownS,
    hostSwapOutMib: pagesToMib(since('swapOut')),
    hostSwapInMib: pagesToMib(since('swapIn')),
    hostStalledS: since('stalledUs') / 1e6,
    oomKills: since('oomKills'),
    failedSteps: null,
    lostGuests: since('lost'),
    moves: result.gain.balloonMoves,
    meanGuestMib: mean(sums.sizes),
    otherCpuS: null,
  };
}

/** As {@link Daemon}, for a policy; without one, the defaults of what is read. */
async function steering(
  { host }: Scenario,
  policy: string,
  setup: Omit<DaemonSetup, 'command'>,
): Promise<Pick<Simulated, 'config' | 'plugins' | 'program' | 'parameters'>> {
  if (policy === NO_POLICY) {
    const { config, plugins } = await loadHostSetup(null);
    return { config: { ...config, collectIntervalMs: 1000 }, plugins, program: null, parameters: null };
  }
  const configPath = await writeConfig(setup, policy, { root: null, kib: host.memoryKib });
  const { config, plugins, policies, parameters } = await loadSetup({ configPath, policies: [] });
  return { config, plugins, program: policies.program, parameters };
}

interface Counts {
  readonly majorFaults: number;
  readonly guestSwapIn: number;
  readonly swapOut: number;
  readonly swapIn: number;
  readonly stalledUs: number;
  readonly oomKills: number;
  readonly lost: number;
}

function countersOf({ guests, host, pressure }: World): Counts {
  const sum = (of: (guest: World['guests'][number]) => number): number =>
    guests.reduce((total, guest) => total + of(guest), 0);
  const { swapIn, swapOut, oomKills } = host.counters;
  return {
    ...{ swapIn, swapOut, lost: oomKills, stalledUs: pressure.some.totalUs },
    majorFaults: sum(({ workload }) => workload.counters.majorFaults),
    guestSwapIn: sum(({ workload }) => workload.counters.swapIn),
    oomKills: oomKills + sum(({ workload }) => workload.counters.oomKills),
  };
}
