import { join } from 'node:path';
import { Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { buildControlledDaemon } from '../../src/compose/control.ts';
import { realEnvironment } from '../../src/compose/environment.ts';
import { defaultConfig } from '../../src/compose/config.ts';
import { builtinPlugins, usualPlugins } from '../../src/compose/plugins.ts';
import type { Config } from '../../src/config/model.ts';
import type { ParamOverride } from '../../src/model/parameter.ts';
import { toStream } from '../../src/observe/log/destination.ts';
import { createLogger } from '../../src/observe/log/logger.ts';
import type { LogRecord } from '../../src/observe/log/record.ts';
import { loadParameters } from '../../src/parameters/parameters.ts';
import { loadPolicy } from '../../src/policy/index.ts';
import type { FakeGuestOptions } from './fake-guest.ts';
import { startFakeLibvirtd, type FakeLibvirtd } from './fake-libvirtd.ts';
import { KernelTree } from './kernel.ts';
import { WatchedClock } from './watched-clock.ts';

export function programOf(policy: string) {
  const { program, diagnostics } = loadPolicy([{ file: 'test.policy', text: policy }], {
    vocabulary: builtinPlugins().vocabulary,
  });
  if (program === null) throw new Error(JSON.stringify(diagnostics));
  return program;
}

/** What two daemons after each other share. */
export interface SharedHost {
  readonly fake: FakeLibvirtd;
  readonly tree: KernelTree;
}

/** A fake libvirtd, in this folder, and a copy of a kernel's files. */
export async function sharedHost(folder: string, guests: readonly FakeGuestOptions[]): Promise<SharedHost> {
  const fake = await startFakeLibvirtd({ socketPath: join(folder, 'libvirt.sock'), guests });
  onTestFinished(() => fake.stop());
  return { fake, tree: await KernelTree.copyOf('linux-6.18') };
}

/** A daemon over a shared host, with intervals of 30 ms. */
export async function runningDaemon(
  { fake, tree }: SharedHost,
  policy: string,
  changes: Partial<Config> = {},
  plugins = usualPlugins(),
  chosen: readonly ParamOverride[] = [],
) {
  const defaults = defaultConfig();
  const config: Config = {
    ...defaults,
    collectIntervalMs: 30,
    policyIntervalMs: 30,
    hostRoot: tree.root,
    libvirt: { ...defaults.libvirt, socket: fake.socketPath },
    // Balloons reach their target in one step.
    pluginSettings: {
      ...defaults.pluginSettings,
      rhythm: { ...defaults.pluginSettings['rhythm']!, largest_step: 1, host_step: 1, cool_down: 0 },
    },
    ...changes,
  };
  const records: LogRecord[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      for (const line of chunk.toString().split('\n').filter(Boolean)) records.push(JSON.parse(line) as LogRecord);
      done();
    },
  });
  const log = createLogger({ level: 'debug', format: 'json', destination: toStream(stream) });
  const program = programOf(policy);
  const set = await loadParameters(config.policy, chosen, { declared: program, otherPolicies: false });
  if ('problems' in set) throw new Error(set.problems.join());
  const clock = new WatchedClock();
  const environment = { ...realEnvironment(config), clock };
  const first = { config, program, parameters: set.parameters };
  const controlled = buildControlledDaemon(first, plugins, environment, log.of);
  const { daemon } = controlled;
  const stop = new AbortController();
  const done = daemon.run({ stop: stop.signal, interrupt: AbortSignal.timeout(60_000) }, false);
  onTestFinished(async () => {
    stop.abort();
    await done.catch(() => undefined);
  });
  const messages = () => records.filter(({ level }) => level !== 'debug').map(({ msg }) => msg!);
  /** The collection time of each interval so far, milliseconds. */
  const collectMs = () => records.filter(({ msg }) => msg === 'Interval done').map(({ collectMs: ms }) => Number(ms));
  const until = (what: string, holds: () => boolean | Promise<boolean>) =>
    clock.until(holds, () => new Error(`never: ${what}\n${messages().join('\n')}`));
  /** Stops libvirtd and waits for an interval that began without it: one in course fails for another reason. */
  const loseLibvirt = async () => {
    await fake.stop();
    await until('the loss is seen', () => messages().some((message) => message.startsWith('No connection to libvirt')));
    const seen = daemon.counts.intervals;
    await until('an interval without libvirt', () => daemon.counts.intervals > seen + 1);
  };
  const leave = async () => {
    stop.abort();
    await done;
  };
  return {
    daemon,
    controlled,
    first,
    plugins,
    log,
    config,
    clock,
    fake,
    tree,
    messages,
    collectMs,
    until,
    loseLibvirt,
    leave,
    done,
  };
}
