import { describe, expect, it } from 'vitest';
import { loadSetup } from '../../../src/compose/setup.ts';
import { Simulation } from '../../../src/compose/simulation.ts';
import type { RecordingHeader } from '../../../src/recording/format.ts';
import { PAGE_KIB } from '../../../src/simulation/constants.ts';
import { valueAt } from '../../../src/simulation/import/curve.ts';
import { RecordingFit } from '../../../src/simulation/import/recording/fit.ts';
import { Playback } from '../../../src/simulation/import/recording/playback.ts';
import type { GuestSpec, Scenario } from '../../../src/simulation/scenario/model.ts';
import type { Fitted } from '../../../src/simulation/import/fitted.ts';
import { demandSpec, GIB, guestSpec, hostSpec, ksmSpec, MIB, scenario } from '../simulation/specs.ts';

const NEVER = new AbortController().signal;

interface Truth {
  readonly name: string;
  readonly atS: number;
  readonly demandKib: number;
}

function headerOf(host: readonly string[], guest: readonly string[]): RecordingHeader {
  return {
    ...{ ballast_recording: 1, started: '2026-01-05T00:00:00Z', collect_interval_ms: 5000, policy_interval_ms: 10_000 },
    ...{ host_props: { name: 'test' }, history: 10, host_fields: [...host], guest_fields: [...guest] },
    ...{ guest_props: [], memory: { host: {}, guests: {} } },
  };
}

/** Simulates a scenario and fits another one to what a daemon would have recorded. */
async function roundTrip(
  original: Scenario,
  policies: readonly string[],
): Promise<{
  readonly fitted: Fitted;
  readonly fit: RecordingFit;
  readonly truth: readonly Truth[];
  readonly moves: number;
}> {
  const { config, plugins, policies: loaded, parameters } = await loadSetup({ configPath: null, policies });
  const simulation = new Simulation({
    scenario: original,
    seed: 3,
    config,
    plugins,
    program: loaded.program,
    parameters,
  });
  const { hostLayout, guestLayout } = simulation.recordedRun;
  const fit = new RecordingFit('test.jsonl');
  fit.begin(headerOf(hostLayout.names, guestLayout.names));
  const truth: Truth[] = [];
  const { gain } = await simulation.run(NEVER, ({ snapshot, judgement, outcomes }, nowS) => {
    const policy = judgement === null ? null : { requests: [], errors: [], held: [], outcomes };
    fit.add({ snapshot, context: false, policy });
    for (const guest of simulation.world.guests)
      if (guest.life.state === 'running')
        truth.push({ name: guest.spec.name, atS: nowS, demandKib: guest.demandPages * PAGE_KIB });
  });
  return { fitted: fit.result('fitted'), fit, truth, moves: gain.balloonMoves };
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
    ['slow demand, balloons move', slow, ['policies/mom-balloon.policy'], 0.002, 0.003],
    ['bursts, balloons move', bursting, ['policies/mom-balloon.policy', 'policies/mom-ksm.policy'], 0.003, 0.006],
  ] as const)('of %s', async (_, guests, policies, mean, p95) => {
    const original = scenario(guests, { durationS: 3600, host });
    const { fitted, fit, truth, moves } = await roundTrip(original, policies);
    const found = errors(fitted.scenario, truth);
    expect(moves > 50).toBe(policies.length > 0);
    expect(found.mean).toBeLessThan(mean);
    expect(found.p95).toBeLessThan(p95);
    const { host: fittedHost, guests: fittedGuests, durationS } = fitted.scenario;
    expect(durationS).toBe(3600);
    expect(fittedHost).toMatchObject({ memoryKib: 16 * GIB, reserveKib: 512 * MIB, swapKib: 4 * GIB, cpus: 4 });
    const others = fittedHost.other.points.map(({ sizeKib }) => sizeKib);
    expect(Math.max(0, ...others)).toBeLessThan(0.03 * fittedHost.memoryKib);
    expect(new Set(fittedGuests.map(({ balloon }) => balloon.moves))).toEqual(new Set(['follows']));
    expect(fittedGuests.map(({ minKib }) => minKib)).toEqual(guests.map(({ minKib }) => minKib));
    expect(fittedGuests[0]!.statistics).toMatchObject({ kind: 'linux', periodS: 5 });
    const playback = new Playback(fit, fitted.scenario, 1);
    while (playback.nowS < durationS) playback.step();
    const [size, resident, free] = playback.errors();
    // Sizes that are moved as recorded, and what the guests make of them in the model.
    expect(size!.meanShare).toBeLessThan(0.005);
    expect(resident!.meanShare).toBeLessThan(0.05);
    expect(free!.meanShare).toBeLessThan(0.05);
    expect(playback.result().gain.balloonMoves > 50).toBe(policies.length > 0);
  });

  it('has what each guest is like', async () => {
    const base = slow[0]!;
    const like = (name: string, changes: Partial<GuestSpec>): GuestSpec => ({ ...base, name, ...changes });
    const guests = [
      like('stuck', { balloon: { ...base.balloon, moves: 'stuck' } }),
      // All of it is touched before its balloon moves.
      like('hollow', {
        balloon: { ...base.balloon, moves: 'hollow' },
        files: { sizeKib: 4 * GIB, hotKib: 200 * MIB, readsKib: 500 * MIB },
      }),
      like('slow', { balloon: { ...base.balloon, rateKib: 2 * MIB } }),
      like('no-driver', { statistics: { ...base.statistics, kind: 'none' } }),
      like('no-balloon', { balloon: { ...base.balloon, moves: 'none' } }),
      like('windows', { statistics: { ...base.statistics, kind: 'windows', periodS: 10 } }),
      like('silent', { statistics: { ...base.statistics, untilS: 1200 } }),
      like('reporting', { freePageReporting: true, sharing: { image: '', share: 0, writes: 0 } }),
      like('late', { life: { ...base.life, startS: 600 } }),
      like('ending', { life: { ...base.life, stopS: 1800 } }),
      like('booting', { life: { ...base.life, rebootsS: [1500] } }),
    ];
    const original = scenario(guests, { durationS: 3600, host: hostSpec({ memoryKib: 18 * GIB, swapKib: 8 * GIB }) });
    const { fitted } = await roundTrip(original, ['policies/mom-balloon.policy']);
    const of = (name: string): GuestSpec => fitted.scenario.guests.find((guest) => guest.name === name)!;
    expect(['stuck', 'hollow', 'slow'].map((name) => of(name).balloon.moves)).toEqual(['stuck', 'hollow', 'follows']);
    expect(of('slow').balloon.rateKib).toBeCloseTo(2 * MIB, -2);
    expect(of('windows').statistics).toMatchObject({ kind: 'windows', periodS: 10 });
    expect(Math.abs(of('silent').statistics.untilS - 1200)).toBeLessThan(15);
    expect(of('reporting')).toMatchObject({ freePageReporting: true, sharing: { image: '' } });
    expect(of('stuck').statistics.untilS).toBe(0);
    expect(of('late').life.startS).toBe(600);
    expect(Math.abs(of('ending').life.stopS - 1800)).toBeLessThan(15);
    expect(of('booting').life.rebootsS.map((atS) => Math.abs(atS - 1500) < 40)).toEqual([true]);
    // Without statistics a guest has no sample.
    const names = fitted.scenario.guests.map(({ name }) => name);
    expect(['no-driver', 'no-balloon'].filter((name) => names.includes(name))).toEqual([]);
    expect(Math.max(...fitted.scenario.host.other.points.map(({ sizeKib }) => sizeKib))).toBeGreaterThan(GIB);
    expect(fitted.inferred.join('\n')).toMatch(/guests without statistics are not recorded/);
  });

  it('has the nodes of the host, and whether KSM merges across them', async () => {
    const nodes = { numa: { nodes: 2 }, ksm: ksmSpec({ run: true, mergeAcrossNodes: false }) };
    const original = scenario(slow, { durationS: 120, host: { ...host, ...nodes } });
    const { fitted } = await roundTrip(original, []);
    expect(fitted.scenario.host).toMatchObject(nodes);
    expect(fitted.inferred.join('\n')).toMatch(/which guest was on which of its 2 NUMA nodes is not recorded/);
    const { fitted: one } = await roundTrip(scenario(slow, { durationS: 120, host }), []);
    expect(one.scenario.host).toMatchObject({ numa: null, ksm: { mergeAcrossNodes: true } });
    expect(one.inferred.join('\n')).not.toMatch(/NUMA/);
  });

  it('goes on where a part of it begins', async () => {
    // What KSM had merged is not merged when a scenario begins.
    const unshared = slow.map((guest) => ({ ...guest, sharing: { image: '', share: 0, writes: 0 } }));
    const original = scenario(unshared, { durationS: 3600, host: { ...host, memoryKib: 20 * GIB } });
    const { config, plugins, policies, parameters } = await loadSetup({
      configPath: null,
      policies: ['policies/mom-balloon.policy'],
    });
    const simulation = new Simulation({
      scenario: original,
      seed: 3,
      config,
      plugins,
      program: policies.program,
      parameters,
    });
    const { hostLayout, guestLayout } = simulation.recordedRun;
    const fit = new RecordingFit('test.jsonl');
    fit.begin(headerOf(hostLayout.names, guestLayout.names));
    await simulation.run(NEVER, ({ snapshot, outcomes }, nowS) => {
      if (nowS >= 2400) fit.add({ snapshot, context: false, policy: { requests: [], errors: [], held: [], outcomes } });
    });
    const { scenario: later } = fit.result('later');
    expect(later.guests.every(({ running }) => running !== null && running.residentKib > 500 * MIB)).toBe(true);
    const playback = new Playback(fit, later, 1);
    for (let second = 0; second < 10; second++) playback.step();
    for (const { meanShare } of playback.errors()) expect(meanShare).toBeLessThan(0.03);
  });
});
