import { describe, expect, it } from 'vitest';
import { defaultConfig } from '../../../src/compose/config.ts';
import { assemble } from '../../../src/compose/plugins.ts';
import { loadSetup } from '../../../src/compose/setup.ts';
import { Simulation } from '../../../src/compose/simulation.ts';
import { defineCollector } from '../../../src/plugin/collector.ts';
import { demandSpec, GIB, guestSpec, hostSpec, MIB, scenario } from '../simulation/specs.ts';

const guests = Array.from({ length: 6 }, (_, at) =>
  guestSpec({
    name: `web-${at}`,
    memoryKib: 2 * GIB,
    minKib: 300 * MIB,
    swapKib: 512 * MIB,
    demand: demandSpec({ bursts: { everyS: 100, sizeKib: 500 * MIB, rateKib: 100 * MIB, lastsS: 30 } }),
    files: { sizeKib: 2 * GIB, hotKib: 100 * MIB, readsKib: 20 * MIB },
    sharing: { image: 'debian', share: 0.3, writes: 0.01 },
  }),
);

const short = scenario(guests, { durationS: 1203, host: hostSpec({ memoryKib: 6 * GIB, swapKib: 2 * GIB }) });

/** Of the site: it needs the files of the simulated host. */
const uptime = defineCollector({
  name: 'site-uptime',
  scope: 'host',
  fields: [{ name: 'site_uptime', type: 'number', unit: 's', optional: true, doc: 'Uptime', source: '/proc/uptime' }],
  create: ({ host }) => ({
    collect: async () => ({ site_uptime: Number.parseFloat((await host.readText('/proc/uptime')) ?? '') }),
  }),
});

const policies = ['mom-balloon', 'mom-ksm'].map((name) => `policies/${name}.policy`);
const NEVER = new AbortController().signal;

describe('a simulation', () => {
  it('has the same result with the collectors of a site, which read the simulated files like all others then', async () => {
    const { config, plugins, policies: loaded, parameters } = await loadSetup({ configPath: null, policies });
    const of = { scenario: short, seed: 5, config, program: loaded.program, parameters };
    const usual = new Simulation({ ...of, plugins });
    const site = new Simulation({ ...of, plugins: assemble({ collectors: null, controllers: null, site: [uptime] }) });
    const found: unknown[] = [];
    const at = site.recordedRun.hostLayout.index.get('site_uptime')!;
    const result = await site.run(NEVER, ({ snapshot }) => void found.push(snapshot.host?.[at]));
    expect(await usual.run(NEVER)).toEqual(result);
    expect(result.gain.balloonMoves).toBeGreaterThan(10);
    expect(found[2]).toBe(86_410);
  });

  it('tells the policy of the last target of each guest, and of what held it back', async () => {
    const { config, plugins, policies: loaded, parameters } = await loadSetup({ configPath: null, policies });
    const simulation = new Simulation({
      scenario: short,
      seed: 5,
      config,
      plugins,
      program: loaded.program,
      parameters,
    });
    const { index } = simulation.recordedRun.guestLayout;
    const written = new Map<string, unknown>();
    const holders = new Set<unknown>();
    let compared = 0;
    await simulation.run(NEVER, ({ snapshot, outcomes }) => {
      for (const { uuid, sample } of snapshot.guests) {
        holders.add(sample[index.get('held_by')!]);
        if (sample[index.get('last_target')!] !== null) compared += 1;
        expect(sample[index.get('last_target')!]).toBe(written.get(uuid) ?? null);
      }
      for (const { action, status } of outcomes)
        if (status === 'done') written.set(action.guest?.uuid ?? '', action.to);
    });
    expect(compared).toBeGreaterThan(100);
    expect([...holders].filter((holder) => holder !== null)).toContain('budget');
  });

  it('ends when its scenario does, in the middle of an interval too, or when it is stopped', async () => {
    const { plugins } = await loadSetup({ configPath: null, policies: [] });
    const of = { scenario: short, seed: 1, config: defaultConfig(), plugins, program: null, parameters: null };
    expect(await new Simulation(of).run(NEVER)).toMatchObject({ simulatedS: 1203 });
    const stop = new AbortController();
    const stopped = await new Simulation(of).run(stop.signal, (_report, nowS) => {
      if (nowS >= 300) stop.abort();
    });
    expect(stopped.simulatedS).toBe(300);
  });
});
