import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Writable } from 'node:stream';
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { keepHeapSmall } from '../src/daemon/heap.ts';
import type { Commands } from '../src/control/handlers/parts.ts';
import { usualPlugins } from '../src/compose/plugins.ts';
import { buildControlledDaemon, openControl } from '../src/compose/control.ts';
import type { Config } from '../src/config/model.ts';
import { realEnvironment } from '../src/compose/environment.ts';
import { defaultConfig } from '../src/compose/config.ts';
import { toStream } from '../src/observe/log/destination.ts';
import { createLogger } from '../src/observe/log/logger.ts';
import { loadPolicy } from '../src/policy/index.ts';
import { FakeHost } from './fake-host.ts';
import { median, percentile } from './measure.ts';

export interface Measured {
  readonly cpuMs: number;
  /** Longest event loop delay of each interval: median, 99th percentile and maximum over all intervals. */
  readonly heldUpMs: readonly [median: number, p99: number, most: number];
  readonly rssWarmMb: number;
  readonly rssEndMb: number;
}

const WARM_UP = 100;

interface Served {
  /** Whether the control sockets are open. */
  readonly sockets: boolean;
  /** Where the metrics are; undefined: nowhere. */
  readonly metrics: string | undefined;
  /** After each interval, its number is sent to the parent process, which can then ask; its message continues. */
  readonly clients: boolean;
}

async function measure(
  host: FakeHost,
  socket: string,
  intervals: number,
  policies: readonly string[],
  { sockets, metrics, clients }: Served,
): Promise<Measured> {
  keepHeapSmall();
  const defaults = defaultConfig();
  const config: Config = {
    ...{ ...defaults, hostRoot: host.root, libvirt: { ...defaults.libvirt, socket } },
    metrics: { listen: metrics === undefined ? null : { kind: 'unix', path: metrics } },
    control: { ...defaults.control, enabled: sockets },
  };
  const plugins = usualPlugins();
  const sources = policies.map((file) => ({ file, text: readFileSync(file, 'utf8') }));
  const { program } = loadPolicy(sources, { vocabulary: plugins.vocabulary });
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const log = createLogger({ level: 'info', format: 'json', destination: toStream(nowhere) });

  const delay = monitorEventLoopDelay({ resolution: 1 });
  const cpuMs: number[] = [];
  const worst: number[] = [];
  let before = process.cpuUsage();
  let rssWarm = 0;
  let now = 0;
  const stop = new AbortController();
  const real = realEnvironment(config);
  const clock = {
    ...real.clock,
    // The clock jumps to the next interval instead of sleeping; the intervals themselves are unchanged.
    monotonic: () => now,
    sleep: async (ms: number) => {
      now += ms;
      if (clients) {
        process.send?.(cpuMs.length + 1);
        await once(process, 'message');
      }
      const used = process.cpuUsage(before);
      delay.disable();
      cpuMs.push((used.user + used.system) / 1000);
      worst.push(delay.max / 1e6 - 1);
      if (cpuMs.length === WARM_UP) rssWarm = process.memoryUsage.rss();
      if (cpuMs.length === intervals) stop.abort();
      await host.setFree(cpuMs.length % 20 < 10 ? 0.1 : 0.4);
      await turnOfEventLoop();
      delay.reset();
      delay.enable();
      before = process.cpuUsage();
    },
  };
  const controlled = buildControlledDaemon({ config, program }, plugins, { ...real, clock }, log.of);
  const control = await openControl(controlled, plugins, {
    ...{ version: 'bench', pid: process.pid, configPath: null, recordsOnly: false, commands: NO_COMMANDS, log: log.of },
  });
  await controlled.daemon.run({ stop: stop.signal, interrupt: new AbortController().signal }, false);
  await control?.close();
  const held = worst.slice(WARM_UP);
  const mb = (bytes: number) => bytes / 1024 ** 2;
  return {
    cpuMs: median(cpuMs.slice(WARM_UP)),
    heldUpMs: [median(held), percentile(held, 0.99), Math.max(...held)],
    rssWarmMb: mb(rssWarm),
    rssEndMb: mb(process.memoryUsage.rss()),
  };
}

/** The clients of benchmarks change nothing. */
const NO_COMMANDS: Commands = {
  ...{ policies: [], arePoliciesSet: false, logLevel: 'info', recording: null },
  ...{ reload: none, check: none, setPolicies: none, setLogLevel: none, record: none },
};

function none(): never {
  throw new Error('not in a benchmark');
}

// Measures one guest count of a daemon benchmark. Arguments: [--sockets] [--metrics PATH] [--clients] HOST_ROOT SOCKET INTERVALS POLICY…
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { sockets: { type: 'boolean' }, metrics: { type: 'string' }, clients: { type: 'boolean' } },
});
const [root, socket, intervals, ...policies] = positionals;
const { sockets = false, metrics, clients = false } = values;
const host = await FakeHost.at(root!);
process.send?.(await measure(host, socket!, Number(intervals), policies, { sockets, metrics, clients }));
process.disconnect?.();
