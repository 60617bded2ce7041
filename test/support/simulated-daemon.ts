import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { daemonParts } from '../../src/compose/daemon.ts';
import { defaultConfig } from '../../src/compose/config.ts';
import { usualPlugins } from '../../src/compose/plugins.ts';
import type { Config } from '../../src/config/model.ts';
import type { ShadowPolicy } from '../../src/daemon/configuration.ts';
import { Daemon, type DaemonParts } from '../../src/daemon/daemon.ts';
import type { ShadowState } from '../../src/daemon/shadow.ts';
import type { IntervalReport } from '../../src/model/interval-report.ts';
import type { ShadowInterval } from '../../src/model/shadow.ts';
import type { Program } from '../../src/policy/index.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { VirtualClock } from '../../src/simulation/clock.ts';
import { simulatedHypervisor } from '../../src/simulation/ports/hypervisor.ts';
import { kernelFiles } from '../../src/simulation/ports/kernel-files.ts';
import type { Scenario } from '../../src/simulation/scenario/model.ts';
import { World } from '../../src/simulation/world.ts';
import { capturedLog } from './captured-log.ts';

export interface SimulatedDaemon {
  readonly program: Program;
  readonly shadow?: ShadowPolicy;
  readonly config?: Partial<Config>;
  /** Called after each interval. */
  readonly onInterval?: (parts: DaemonParts, daemon: Daemon, report: IntervalReport) => void;
  /** Makes another clock of the virtual one. */
  readonly clock?: (clock: Clock) => Clock;
}

/** Runs a whole daemon on a simulated host and virtual time, and returns what it recorded and logged. */
export async function runSimulated(
  folder: string,
  scenario: Scenario,
  { program, shadow, config: changes, onInterval, clock: wrap = (same) => same }: SimulatedDaemon,
) {
  const path = join(folder, 'day.jsonl');
  const config: Config = {
    ...defaultConfig(),
    ...{ runtimeDir: folder, stateDir: folder },
    record: { path, rotateBytes: 1e12, rotateMs: 1e12, keep: 1, keepMs: 1e12, keepBytes: 1e12 },
    ...changes,
  };
  const virtual = new VirtualClock();
  const world = new World(scenario, 7);
  const stop = new AbortController();
  const sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
    await virtual.sleep(ms, signal);
    while (world.nowS < Math.floor(virtual.monotonic() / 1000)) world.step();
    if (world.nowS >= scenario.durationS) stop.abort();
  };
  const clock = wrap({ now: virtual.now, monotonic: virtual.monotonic, sleep });
  const environment = {
    ...{ host: kernelFiles(world), hypervisor: simulatedHypervisor(world), clock },
    hostProps: { name: 'simulated' },
  };
  const log = capturedLog();
  const compared: ShadowInterval[] = [];
  let state: ShadowState | null = null;
  const first = { config, program, ...(shadow !== undefined && { shadow }) };
  const parts = daemonParts(first, usualPlugins(), environment, log.of, {
    observers: () => [
      {
        name: 'test',
        observe: (report) => onInterval?.(parts, daemon, report),
        compared: (each) => {
          compared.push(each);
          state = parts.shadow.state;
        },
      },
    ],
  });
  const daemon: Daemon = new Daemon(parts);
  await daemon.run({ stop: stop.signal, interrupt: new AbortController().signal }, false);
  return {
    recording: await readFile(path, 'utf8'),
    messages: log.messages(),
    compared,
    state: state as ShadowState | null,
  };
}
