import type { Action } from '../../../src/model/decision.ts';
import { describe, expect, it } from 'vitest';
import { defaultConfig } from '../../../src/compose/config.ts';
import { buildParts } from '../../../src/compose/daemon.ts';
import { usualPlugins } from '../../../src/compose/plugins.ts';
import type { Layout, Sample } from '../../../src/model/field.ts';
import type { Snapshot } from '../../../src/model/snapshot.ts';
import { VirtualClock } from '../../../src/simulation/clock.ts';
import { DirectTaker } from '../../../src/simulation/collect/taker.ts';
import { simulatedHypervisor } from '../../../src/simulation/ports/hypervisor.ts';
import { kernelFiles } from '../../../src/simulation/ports/kernel-files.ts';
import { Random } from '../../../src/simulation/random.ts';
import type { GuestSpec, HostSpec } from '../../../src/simulation/scenario/model.ts';
import { World } from '../../../src/simulation/world.ts';
import { capturedLog } from '../../support/captured-log.ts';
import { demandSpec, GIB, guestSpec, hostSpec, ksmSpec, MIB, scenario } from './specs.ts';

const KINDS = ['linux', 'windows', 'none', 'frozen', 'greedy'] as const;
const MOVES = ['follows', 'stuck', 'hollow', 'none'] as const;

const lifeOf = (at: number): GuestSpec['life'] => ({
  startS: at * 17,
  stopS: at === 3 ? 400 : 0,
  rebootsS: at === 4 ? [300] : [],
  migrateS: at === 5 ? 350 : 0,
  migrationS: 60,
});

const guests = KINDS.flatMap((kind, one) =>
  MOVES.map((moves, other) =>
    guestSpec({
      name: `${kind}-${moves}`,
      minKib: one === 0 ? 256 * MIB : null,
      swapKib: 512 * MIB,
      demand: demandSpec({ bursts: { everyS: 60, sizeKib: 600 * MIB, rateKib: 100 * MIB, lastsS: 30 } }),
      files: { sizeKib: GIB, hotKib: 200 * MIB, readsKib: 20 * MIB },
      balloon: { moves, rateKib: 0, limitKib: 0, lateS: 0 },
      freePageReporting: other === 0,
      statistics: { kind, periodS: 1 + one, lateS: other, untilS: one === 2 ? 300 : 0 },
      sharing: { image: 'debian', share: 0.5, writes: 0.2 },
      life: lifeOf(one * 4 + other),
    }),
  ),
);

const worldWith = (numa: HostSpec['numa']): World =>
  new World(
    scenario(guests, {
      host: hostSpec({
        memoryKib: 10 * GIB,
        swapKib: 2 * GIB,
        filesKib: 2 * GIB,
        arc: { minKib: 100 * MIB, maxKib: 500 * MIB },
        other: demandSpec({ baseKib: GIB, bursts: { everyS: 100, sizeKib: GIB, rateKib: 200 * MIB, lastsS: 20 } }),
        ksm: ksmSpec({ run: true, pagesToScan: 3000, mergeAcrossNodes: numa === null }),
        numa,
      }),
    }),
    3,
  );

/** The clock of the simulated host shows UTC, a collector that of the machine. */
const LOCAL = /^time_/;

function named({ host, guests: all, problems, timeMs }: Snapshot, layouts: { host: Layout; guest: Layout }) {
  const fields = (layout: Layout, sample: Sample | null) =>
    sample && Object.fromEntries(layout.names.map((name, at) => [name, LOCAL.test(name) ? null : sample[at]]));
  const each = all.map(({ name, uuid, props, sample }) => ({
    name,
    uuid,
    props,
    sample: fields(layouts.guest, sample),
  }));
  return {
    timeMs,
    host: fields(layouts.host, host),
    guests: each,
    problems: problems.map((problem) => JSON.stringify(problem)).sort(),
  };
}

describe('the direct taker', () => {
  it.each([
    ['a host', null],
    ['a host with three nodes', { nodes: 3 }],
  ])('sees of %s what the collectors would see in its files and readings', async (_, numa) => {
    const world = worldWith(numa);
    const clock = new VirtualClock();
    const environment = {
      ...{ host: kernelFiles(world), hypervisor: simulatedHypervisor(world), clock, hostProps: { name: 'simulated' } },
    };
    const log = capturedLog();
    const parts = () => buildParts({ config: defaultConfig(), program: null }, usualPlugins(), environment, log.of);
    const { taker: real, decider: other } = parts();
    const { taker: templates, decider } = parts();
    const known = {
      verdicts: (uuid: string) => decider.verdicts(uuid),
      writes: (uuid: string, nowMs: number) => decider.writes.fields(uuid, nowMs),
    };
    const direct = new DirectTaker(world, templates, known, clock.now);
    const layouts = { host: real.hostLayout, guest: real.guestLayout };
    const random = new Random('moves');
    const signal = new AbortController().signal;
    for (let interval = 0; interval < 120; interval++) {
      const found = await real.take(signal);
      expect(named(await direct.take(signal), layouts), `interval ${interval}`).toEqual(named(found, layouts));
      for (const guest of world.guests)
        if (random.next() < 0.2) {
          const to = Math.floor(random.between(50_000, 262_144));
          guest.balloon.setTarget(to, world.nowS);
          const action = { control: 'balloon_target', guest: { name: '', uuid: guest.uuid }, to } as Action;
          for (const each of [other, decider]) each.writes.written([{ action, status: 'done', detail: null }]);
        }
      if (interval === 60) await environment.host.writeText('/sys/kernel/mm/ksm/advisor_mode', 'scan-time');
      if (interval === 100) await environment.host.writeText('/sys/kernel/mm/ksm/run', '2');
      for (let second = 0; second < 5; second++) world.step();
      clock.moveTo(world.nowS * 1000);
    }
    expect(world.problem()).toBeNull();
    expect(world.host.counters.swapIn).toBeGreaterThan(0);
    expect(world.ksm.merged.shared).toBe(0);
  });
});
