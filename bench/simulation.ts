import { fileURLToPath } from 'node:url';
import { loadSetup } from '../src/compose/setup.ts';
import { Simulation } from '../src/compose/simulation.ts';
import { parseScenario } from '../src/simulation/scenario/load.ts';
import { World } from '../src/simulation/world.ts';
import { median } from './measure.ts';

const ROUNDS = 3;

/** A host with guests that are promised half as much again as it has, as in scenarios/filled-150.yaml. */
function scenarioOf(guests: number, hours: number) {
  const loaded = parseScenario(
    'bench.yaml',
    `story: "A host that was promised out by half."
duration: ${hours}h
host: {memory: ${Math.round((guests * 3.5) / 1.5)}GiB, swap: 32GiB}
guests:
  - name: guest
    count: ${guests}
    memory: 3584MiB
    min: 1GiB
    swap: 1GiB
    demand:
      base: 1GiB
      spread: 20%
      day: {peak: 2GiB, from: 7h, to: 20h, ramp: 2h, shift: 2h}
      bursts: {every: 2h, size: 400MiB, rate: 100MiB, lasts: 1min}
    files: {size: 4GiB, hot: 200MiB, reads: 4MiB}
    sharing: {image: debian, share: 15%}
`,
  );
  if ('problems' in loaded) throw new Error(loaded.problems[0]!.message);
  return loaded.scenario;
}

/** Simulates with mom-balloon.policy and mom-ksm.policy, all guards on and the default intervals; the world alone for comparison. */
export async function benchSimulation(): Promise<string[][]> {
  const policies = ['mom-balloon', 'mom-ksm'].map((name) =>
    fileURLToPath(new URL(`../policies/${name}.policy`, import.meta.url)),
  );
  const { config, plugins, policies: loaded, parameters } = await loadSetup({ configPath: null, policies });
  const rows: string[][] = [];
  for (const [guests, hours] of [
    [10, 24],
    [100, 24],
    [1000, 1],
  ] as const) {
    const scenario = scenarioOf(guests, hours);
    const of = { scenario, seed: 1, config, plugins, program: loaded.program, parameters };
    const all: number[] = [];
    const world: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      all.push(await cpuSeconds(async () => void (await new Simulation(of).run(new AbortController().signal))));
      world.push(await cpuSeconds(() => steps(new World(scenario, 1), hours * 3600)));
    }
    rows.push([`${guests} guests, ${hours} h`, `${median(all).toFixed(1)} s`, `${median(world).toFixed(1)} s`]);
  }
  return rows;
}

function steps(world: World, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) world.step();
  return Promise.resolve();
}

/** CPU time and not the time on the wall: other work on the machine does not count. */
async function cpuSeconds(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
