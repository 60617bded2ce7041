import { describe, expect, it } from 'vitest';
import { loadSetup } from '../../../src/compose/setup.ts';
import { Simulation } from '../../../src/compose/simulation.ts';
import type { RecordingHeader } from '../../../src/recording/format.ts';
import { PAGE_KIB } from '../../../src/simulation/constants.ts';
import { valueAt } from '../../../src/simulation/import/curve.ts';
import { RecordingFit } from '../../../src/simulation/import/recording/fit.ts';
import type { GuestSpec, Scenario } from '../../../src/simulation/scenario/model.ts';
import type { Fitted } from '../../../src/simulation/import/fitted.ts';
import { demandSpec, GIB, guestSpec, hostSpec, MIB, scenario } from '../simulation/specs.ts';

const NEVER = new AbortController().signal;

interface Truth {
  readonly name: string;
  readonly atS: number;
  readonly demandKib: number;
}

/** Simulates a scenario and fits another one to what a daemon would have recorded. */
async function roundTrip(
  original: Scenario,
  policies: readonly string[],
): Promise<{ readonly fitted: Fitted; readonly truth: readonly Truth[]; moves: number }> {
  const { config, plugins, policies: loaded, parameters } = await loadSetup({ configPath: null, policies });
  const simulation = new Simulation({
    scenario: original,
    seed: 3,
    config,
    plugins,
    program: loaded.program,
    parameters,
  });
  const { hostProps, hostLayout, guestLayout } = simulation.recordedRun;
  const header: RecordingHeader = {
    ...{ ballast_recording: 1, started: '2026-01-05T00:00:00Z', collect_interval_ms: 5000, policy_interval_ms: 10_000 },
    ...{
      host_props: { ...hostProps },
      history: 10,
      host_fields: [...hostLayout.names],
      guest_fields: [...guestLayout.names],
    },
    ...{ guest_props: [], memory: { host: {}, guests: {} } },
  };
  const fit = new RecordingFit('test.jsonl');
  fit.begin(header);
  const truth: Truth[] = [];
  const { gain } = await simulation.run(NEVER, ({ snapshot, judgement, outcomes }, nowS) => {
    const policy = judgement === null ? null : { requests: [], errors: [], held: [], outcomes };
    fit.add({ snapshot, context: false, policy });
    for (const guest of simulation.world.guests)
      if (guest.life.state === 'running')
        truth.push({ name: guest.spec.name, atS: nowS, demandKib: guest.demandPages * PAGE_KIB });
  });
  return { fitted: fit.result('fitted'), truth, moves: gain.balloonMoves };
}

interface ErrorShares {
  readonly mean: number;
  readonly p95: number;
}

/** How far demand is from what it was, as shares of the memory of the guests. */
function errors({ guests }: Scenario, truth: readonly Truth[]): ErrorShares {
  const shares = truth
    .map(({ name, atS, demandKib }) => {
      const { demand, memoryKib } = guests.find((guest) => guest.name === name)!;
      return Math.abs(demand.baseKib + valueAt(demand.points, atS) - demandKib) / memoryKib;
    })
    .sort((a, b) => a - b);
  return {
    mean: shares.reduce((sum, share) => sum + share, 0) / shares.length,
    p95: shares[Math.floor(shares.length * 0.95)]!,
  };
}

const day = { peakKib: 1800 * MIB, fromS: 600, toS: 3000, rampS: 600, shiftS: 120 };
const slow: readonly GuestSpec[] = Array.from({ length: 8 }, (_, at) =>
  guestSpec({
    ...{ name: `web-${at}`, memoryKib: 3 * GIB, minKib: 800 * MIB, swapKib: GIB },
    demand: demandSpec({ baseKib: 700 * MIB, spread: 0.2, day }),
    files: { sizeKib: 3 * GIB, hotKib: 200 * MIB, readsKib: 10 * MIB },
    sharing: { image: 'debian', share: 0.2, writes: 0.01 },
  }),
);
const bursting = slow.map((guest) => ({
  ...guest,
  demand: demandSpec({ ...guest.demand, bursts: { everyS: 600, sizeKib: 500 * MIB, rateKib: 100 * MIB, lastsS: 60 } }),
}));
const host = hostSpec({ memoryKib: 16 * GIB, swapKib: 4 * GIB, filesKib: 2 * GIB });

describe('a scenario, recorded and fitted', () => {
  it.each([
    ['slow demand, nothing is decided', slow, [], 0.001, 0.0025],
    ['slow demand, balloons move', slow, ['policies/balloon.policy'], 0.001, 0.0025],
    ['bursts, balloons move', bursting, ['policies/balloon.policy', 'policies/ksm.policy'], 0.003, 0.005],
  ] as const)('of %s', async (_, guests, policies, mean, p95) => {
    const original = scenario(guests, { durationS: 3600, host });
    const { fitted, truth, moves } = await roundTrip(original, policies);
    const found = errors(fitted.scenario, truth);
    expect(moves > 50).toBe(policies.length > 0);
    expect(found.mean).toBeLessThan(mean);
    expect(found.p95).toBeLessThan(p95);
    const { host: fittedHost, guests: fittedGuests, durationS } = fitted.scenario;
    expect(durationS).toBe(3600);
    expect(fittedHost).toMatchObject({ memoryKib: 16 * GIB, reserveKib: 512 * MIB, swapKib: 4 * GIB, cpus: 4 });
    expect(fittedHost.other.points).toEqual([]);
    expect(new Set(fittedGuests.map(({ balloon }) => balloon.moves))).toEqual(new Set(['follows']));
    expect(fittedGuests.map(({ minKib }) => minKib)).toEqual(guests.map(({ minKib }) => minKib));
    expect(fittedGuests[0]!.statistics).toMatchObject({ kind: 'linux', periodS: 5 });
  });
});
