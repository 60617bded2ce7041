import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { parseScenario } from '../../../src/simulation/scenario/load.ts';
import { scenarioText } from '../../../src/simulation/scenario/write.ts';
import { parseOptions } from '../../real-host/density/options.ts';
import { planDemand } from '../../real-host/density/plan.ts';
import { LEAD_S } from '../../real-host/density/run.ts';
import { scenarioOf, simulateAll } from '../../real-host/density/simulated.ts';

const OPTIONS = parseOptions(['--guests', '3', '--host-mib', '2048', '--seconds', '60', '--rounds', '1']);

it('the scenario has the guests of the plan on the small host', () => {
  const scenario = scenarioOf(OPTIONS, 3, 0);
  const plans = planDemand({ guests: 3, guestMib: 1024, seconds: 60, seed: 1 });
  expect(scenario.host.memoryKib).toBe(2048 * 1024);
  expect(scenario.durationS).toBe(LEAD_S + 60);
  for (const [index, { demand }] of scenario.guests.entries()) {
    const { workingSetMib, steps } = plans[index]!;
    expect(demand.baseKib).toBe((workingSetMib + 8) * 1024);
    expect(demand.points.at(-1)!.sizeKib).toBe(steps.at(-1)!.heapMib * 1024);
    const times = demand.points.map(({ atS }) => atS);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  }
});

it('it is a scenario for ballast simulate, too', () => {
  const scenario = scenarioOf(OPTIONS, 3, 0);
  const read = parseScenario(`${scenario.name}.yaml`, scenarioText(scenario));
  expect(read).toEqual({ scenario });
});

it('each policy meets it with the figures of a measurement', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'density-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const policies = ['none', 'policies/balanced.policy', 'policies/squeezed.policy'];
  const runs = await simulateAll({ ...OPTIONS, policies }, folder);
  expect(runs.map(({ policy }) => policy)).toEqual(policies);
  const [none, ...others] = runs.map(({ figures }) => figures);
  expect(none).toMatchObject({ moves: 0, meanGuestMib: 1024, failedSteps: null, oomKills: 0, lostGuests: 0 });
  expect(none!.hostSwapOutMib).toBeGreaterThan(0);
  for (const { moves, meanGuestMib, hostSwapOutMib } of others) {
    expect(moves).toBeGreaterThan(0);
    expect(meanGuestMib).toBeLessThan(1024);
    expect(hostSwapOutMib).toBeLessThan(none!.hostSwapOutMib);
  }
});
