import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Writable } from 'node:stream';
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { keepHeapSmall } from '../src/daemon/heap.ts';
import { usualPlugins } from '../src/compose/plugins.ts';
import { buildControlledDaemon } from '../src/compose/control.ts';
import { realEnvironment } from '../src/compose/environment.ts';
import { defaultConfig } from '../src/compose/config.ts';
import { toStream } from '../src/observe/log/destination.ts';
import { createLogger } from '../src/observe/log/logger.ts';
import { loadPolicy } from '../src/policy/index.ts';
import { FakeHost } from './fake-host.ts';
import { median } from './measure.ts';

export interface Measured {
  readonly cpuMs: number;
  /** Longest event loop delay of each interval: median, 99th percentile and maximum over all intervals. */
  readonly heldUpMs: readonly [median: number, p99: number, most: number];
  readonly rssWarmMb: number;
  readonly rssEndMb: number;
}

const WARM_UP = 100;

async function measure(
  host: FakeHost,
  socket: string,
  intervals: number,
  policies: readonly string[],
): Promise<Measured> {
  keepHeapSmall();
  const defaults = defaultConfig();
  const config = { ...defaults, hostRoot: host.root, libvirt: { ...defaults.libvirt, socket } };
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
  const { daemon } = buildControlledDaemon({ config, program }, plugins, { ...real, clock }, log.of);
  await daemon.run({ stop: stop.signal, interrupt: new AbortController().signal }, false);
  const held = worst.slice(WARM_UP).sort((a, b) => a - b);
  const mb = (bytes: number) => bytes / 1024 ** 2;
  return {
    cpuMs: median(cpuMs.slice(WARM_UP)),
    heldUpMs: [median(held), held[Math.ceil(held.length * 0.99) - 1]!, held.at(-1)!],
    rssWarmMb: mb(rssWarm),
    rssEndMb: mb(process.memoryUsage.rss()),
  };
}

// Measures one guest count of the daemon benchmark. Arguments: HOST_ROOT SOCKET INTERVALS POLICY…
const [root, socket, intervals, ...policies] = process.argv.slice(2);
process.send?.(await measure(await FakeHost.at(root!), socket!, Number(intervals), policies));
process.disconnect?.();
