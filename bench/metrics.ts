import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Writable } from 'node:stream';
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { builtinPlugins } from '../src/compose/plugins.ts';
import { defaultConfig } from '../src/compose/config.ts';
import { Decider } from '../src/engine/decider.ts';
import { EMPTY_MEMORY } from '../src/model/memory.ts';
import type { IntervalReport } from '../src/model/interval-report.ts';
import { toStream } from '../src/observe/log/destination.ts';
import { createLogger } from '../src/observe/log/logger.ts';
import { MetricsObserver } from '../src/observe/metrics.ts';
import { loadPolicy } from '../src/policy/index.ts';
import { benchInput } from './inputs.ts';
import { median, percentile, timed } from './measure.ts';
import { scrape } from './scrape.ts';

const ROUNDS = 200;
const WARM = 20;

/** What metrics cost an interval, and what a scrape costs: rendered anew, and from the page of the same interval. */
export async function benchMetrics(): Promise<string[][]> {
  const rows: string[][] = [];
  for (const guests of [10, 100, 1000]) rows.push(await measured(guests));
  return rows;
}

async function measured(guests: number): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'ballast-bench-'));
  const path = join(folder, 'metrics.sock');
  const { report, layouts } = await reportOf(guests);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const log = createLogger({ level: 'error', format: 'json', destination: toStream(nowhere) });
  const observer = new MetricsObserver(
    { ...defaultConfig(), metrics: { listen: null } },
    { layouts, policies: [], build: { version: '', node: '' } },
    log.of('metrics'),
  );
  await observer.reconfigure({ ...defaultConfig(), metrics: { listen: { kind: 'unix', path } } }, 1, []);
  const intervalMs: number[] = [];
  const renderedMs: number[] = [];
  const cachedMs: number[] = [];
  const heldUpMs: number[] = [];
  let bytes = 0;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  for (let round = 0; round < WARM + ROUNDS; round++) {
    const own = timed(() => observer.observe(report));
    delay.reset();
    delay.enable();
    await turnOfEventLoop();
    const rendered = await scrape(path);
    delay.disable();
    const cached = await scrape(path);
    bytes = rendered.bytes;
    if (round < WARM) continue;
    intervalMs.push(own);
    renderedMs.push(rendered.ms);
    cachedMs.push(cached.ms);
    heldUpMs.push(Math.max(0, delay.max / 1e6 - 1));
  }
  await observer.close();
  await rm(folder, { recursive: true });
  const ms = (values: readonly number[]) => `${median(values).toFixed(2)} ms`;
  return [
    String(guests),
    ms(intervalMs),
    ms(renderedMs),
    ms(cachedMs),
    `${ms(heldUpMs)} / ${percentile(heldUpMs, 0.99).toFixed(2)} ms`,
    `${(bytes / 1024).toFixed(0)} KiB`,
  ];
}

/** The report of an interval in which the shipped policies balloon every guest. */
async function reportOf(guests: number) {
  const plugins = builtinPlugins();
  const files = ['mom-balloon', 'mom-ksm'].map((name) =>
    fileURLToPath(new URL(`../policies/${name}.policy`, import.meta.url)),
  );
  const sources = await Promise.all(files.map(async (file) => ({ file, text: await readFile(file, 'utf8') })));
  const { program } = loadPolicy(sources, { vocabulary: plugins.vocabulary });
  const { hostLayout, guestLayout, host, guests: views, timeMs } = benchInput(plugins.vocabulary, guests, true);
  const decider = new Decider(program, {
    historyLength: 10,
    hostLayout,
    guestLayout,
    hostProps: host.props,
    planners: plugins,
    settings: defaultConfig().pluginSettings,
    evaluate: {},
  });
  const snapshot = {
    timeMs,
    host: host.samples.at(-1)!,
    guests: views.map(({ name, uuid, props, samples }) => ({ name, uuid, props, sample: samples.at(-1)! })),
    problems: [],
  };
  const input = decider.observe(snapshot)!;
  const judgement = decider.judge(input);
  const report: IntervalReport = {
    snapshot,
    input,
    judgement,
    outcomes: judgement.plan.actions.map((action) => ({ action, status: 'done', detail: null })),
    conditions: decider.conditions(input),
    memoryBefore: EMPTY_MEMORY,
    overrides: [],
    figures: decider.figures(input),
    took: { collectMs: 50, decideMs: 10, applyMs: 20 },
  };
  return { report, layouts: { host: hostLayout, guest: guestLayout } };
}
