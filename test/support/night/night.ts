import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { RunCommands } from '../../../src/cli/handlers/run-commands.ts';
import { defaultConfig } from '../../../src/compose/config.ts';
import { buildControlledDaemon, openControl } from '../../../src/compose/control.ts';
import { withKeptParameters } from '../../../src/compose/kept-parameters.ts';
import { builtinPlugins, usualPlugins } from '../../../src/compose/plugins.ts';
import { SetupError } from '../../../src/compose/setup-error.ts';
import type { Config } from '../../../src/config/model.ts';
import { ControlClient } from '../../../src/control/client.ts';
import { kernelFiles } from '../../../src/host/kernel-files.ts';
import { LibvirtHypervisor } from '../../../src/libvirt/libvirt.ts';
import { toStream } from '../../../src/observe/log/destination.ts';
import { createLogger } from '../../../src/observe/log/logger.ts';
import { loadParameters } from '../../../src/parameters/parameters.ts';
import { loadPolicy, type Program } from '../../../src/policy/index.ts';
import { NightHost } from './host.ts';
import { SkippingClock } from './skipping-clock.ts';
import { EVENTS, GUESTS } from './story.ts';

const SHIPPED = ['mom-ksm', 'mom-balloon'].map((name) => ({
  file: `/usr/share/ballast/policies/${name}.policy`,
  text: readFileSync(fileURLToPath(new URL(`../../../policies/${name}.policy`, import.meta.url)), 'utf8'),
}));
/** What the site adds. */
const NUMA = { file: '/etc/ballast/numa.policy', text: '(Host.Control "ksm_merge_across_nodes" 1)' };
/** It divides by zero for guests that have not swapped. */
const MISTAKEN = {
  file: '/etc/ballast/swap.policy',
  text: '(with Guests vm (vm.Control "balloon_target" (* vm.balloon_max (/ vm.swap_in vm.swap_in))))',
};
const POLICIES = [...SHIPPED, NUMA];
const MINUTE_MS = 60_000;

export interface NightOptions {
  /** An empty folder, which the caller removes. */
  readonly folder: string;
  /** When the night begins, milliseconds since the epoch. */
  readonly startMs: number;
  /** The minute until which time is skipped. */
  readonly minutes: number;
  /** The version that the daemon says it has. */
  readonly version?: string;
  /** Called between two intervals. */
  readonly each?: (night: Night) => Promise<void>;
}

/** A running daemon on the host of the night: everything is Ballast's own but the clock, libvirtd and the kernel's files. */
export interface Night {
  readonly host: NightHost;
  readonly clock: SkippingClock;
  readonly sockets: { readonly status: string; readonly metrics: string };
  stop(): Promise<void>;
}

/** Resolves when the minutes have passed; from then on time passes as usual, until the night is stopped. */
export async function startNight({
  folder,
  startMs,
  minutes,
  version = 'unknown',
  each,
}: NightOptions): Promise<Night> {
  const runtimeDir = join(folder, 'run');
  await mkdir(runtimeDir, { mode: 0o755 });
  const minuteAt = (ms: number): number => (ms - startMs) / MINUTE_MS;
  let passed: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (passed = resolve));
  let nowMinute = 0;
  const clock = new SkippingClock(startMs, async (nextMs) => {
    await each?.(night);
    const next = minuteAt(nextMs);
    for (const [minute, happens] of happenings) if (minute > nowMinute && minute <= next) await happens();
    await host.pass((next - nowMinute) * 60, next);
    nowMinute = next;
    if (next < minutes) return;
    clock.settle();
    passed();
  });
  const host = await NightHost.create(folder, clock.now);
  const metrics = join(runtimeDir, 'metrics.sock');
  const defaults = defaultConfig();
  const config: Config = {
    ...defaults,
    ...{ hostRoot: host.root, runtimeDir, stateDir: runtimeDir, libvirt: { ...defaults.libvirt, socket: host.fake.socketPath } }, // prettier-ignore
    metrics: { listen: { kind: 'unix', path: metrics } },
  };
  const plugins = usualPlugins();
  const log = createLogger({ level: 'error', format: 'json', destination: toStream(nowhere()) });
  const [usual, mistaken] = [await configured(config, POLICIES), await configured(config, [...POLICIES, MISTAKEN])];
  const environment = {
    ...{ host: kernelFiles(host.root), clock, hostProps: { name: 'kvm-1' }, hypervisor: hypervisorOf(config, clock) },
  };
  const controlled = buildControlledDaemon(usual, plugins, environment, log.of, {
    version,
    observers: [{ name: 'clock', observe: () => clock.finishInterval() }],
  });
  const { daemon, running } = controlled;
  const commands = new RunCommands({
    ...{ first: usual, plugins, daemon, running, log, userRuntime: undefined, observeOnly: false, notices: null },
    choice: { configPath: null, policies: [] },
    locks: { follow: async () => undefined },
    load: async () => {
      throw new SetupError('the night has no config file');
    },
  });
  const control = await openControl(controlled, plugins, {
    ...{ version, pid: process.pid, configPath: null, recordsOnly: false, commands, log: log.of },
  });
  const client = new ControlClient({ socket: join(runtimeDir, 'control.sock'), name: 'ballast' });
  const timeOf = (minute: number): string => new Date(startMs + minute * MINUTE_MS).toISOString();
  const { reservation, libvirtRestarts, refuses, mistake } = EVENTS;
  const happenings: readonly (readonly [minute: number, happens: () => unknown])[] = [
    ...GUESTS.flatMap(
      ({ name, paused }) =>
      paused === undefined
        ? []
        : [[paused.span[0], () => client.call('pause', { body: { what: 'guest', guest: name, reason: paused.reason, until: timeOf(paused.span[1]) } })] as const], // prettier-ignore
    ),
    [reservation.span[0], () => client.call('reserve', { params: { name: reservation.name }, body: { kib: reservation.gib * 1024 ** 2, until: timeOf(reservation.span[1]) } })], // prettier-ignore
    [libvirtRestarts, () => host.fake.stop()],
    [libvirtRestarts + 0.5, () => host.fake.start()],
    [refuses, () => host.fake.fail('DOMAIN_SET_MEMORY_FLAGS', 1)],
    [mistake[0], () => daemon.reload(mistaken)],
    [mistake[1], () => daemon.reload(usual)],
  ];
  const stop = new AbortController();
  const night: Night = {
    ...{ host, clock, sockets: { status: join(runtimeDir, 'status.sock'), metrics } },
    stop: async () => {
      clock.settle();
      stop.abort();
      await ended;
      await control?.close();
      await host.fake.stop();
    },
  };
  const ended = daemon.run({ stop: stop.signal, interrupt: new AbortController().signal }, false);
  // A daemon that ends early fails the night.
  await Promise.race([over, ended.then(() => Promise.reject(new Error('the daemon ended before the night did')))]);
  return night;
}

async function configured(config: Config, files: readonly { readonly file: string; readonly text: string }[]) {
  const program = compiled(files);
  const set = await loadParameters(config.policy, [], { declared: program, otherPolicies: false });
  if ('problems' in set) throw new Error(set.problems.join('\n'));
  const parameters = await withKeptParameters(set.parameters, config, undefined, () => undefined);
  return { config, program, parameters };
}

function compiled(files: readonly { readonly file: string; readonly text: string }[]): Program {
  const { program, diagnostics } = loadPolicy(files, { vocabulary: builtinPlugins().vocabulary });
  if (program === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return program;
}

function hypervisorOf({ libvirt, hostRoot, runtimeDir }: Config, clock: SkippingClock): LibvirtHypervisor {
  const { uri, socket, callTimeoutMs, chunkSize, statsPeriodS } = libvirt;
  return new LibvirtHypervisor({
    ...{ uri, callTimeoutMs, chunkSize, statsPeriodS, clock, host: kernelFiles(hostRoot) },
    ...(socket !== null && { socketPath: socket }),
    ...(runtimeDir !== null && { stateDirectory: runtimeDir }),
  });
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
