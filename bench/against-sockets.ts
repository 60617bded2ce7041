import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runtimeDirectory, socketsIn } from '../src/config/directories.ts';
import { defaultConfig } from '../src/compose/config.ts';
import { ControlClient } from '../src/control/client.ts';
import { buildPackage } from './built.ts';
import type { Measured } from './daemon-process.ts';
import { bundleDaemon, runDaemon, type DaemonRun } from './daemon-run.ts';
import { median, percentile } from './measure.ts';
import { scrape } from './scrape.ts';
import { STATUS_COMMANDS, timeStatusCommand } from './status-command.ts';

const GUESTS = 1000;
/** The first hundred warm up. */
const INTERVALS = 160;
const SCRAPE_EVERY_S = 15;

/** Times of clients, milliseconds. */
interface ClientTimes {
  readonly scrape: number[];
  readonly status: number[];
  readonly commands: number[][];
}

/**
 * What the control sockets and the metrics cost a daemon with 1,000 guests, compared with a checkout from before they existed. The runs
 * alternate; each row is the median of all rounds.
 */
export async function compareSockets(here: string, there: string, rounds: number): Promise<string[]> {
  buildPackage();
  const folder = await mkdtemp(join(tmpdir(), 'ballast-bench-'));
  const [ours, theirs] = [join(folder, 'here.mjs'), join(folder, 'there.mjs')];
  await bundleDaemon(here, ours);
  await bundleDaemon(there, theirs);
  const times: ClientTimes = { scrape: [], status: [], commands: STATUS_COMMANDS.map(() => []) };
  const metrics = join(folder, 'metrics.sock');
  const common = { guests: GUESTS, intervals: INTERVALS };
  const daemon = { ...common, bundle: ours, checkout: here };
  const cases: readonly (readonly [name: string, run: DaemonRun])[] = [
    ['there', { ...common, bundle: theirs, checkout: there }],
    ['here, neither sockets nor metrics', daemon],
    ['here, sockets without clients', { ...daemon, options: ['--sockets'] }],
    [
      `here, sockets and metrics, ${SCRAPE_EVERY_S} s between scrapes, 1 s between requests for the status`,
      {
        ...{ ...daemon, options: ['--sockets', '--metrics', metrics, '--clients'] },
        afterInterval: (interval, hostRoot) => clientsOf(interval, { hostRoot, metrics, folder, times }),
      },
    ],
  ];
  const measured: Measured[][] = cases.map(() => []);
  for (let round = 0; round < rounds; round++) {
    // Every other round reverses the order, so that no case always runs first while the machine warms up.
    const order = round % 2 === 0 ? [...cases.keys()] : [...cases.keys()].reverse();
    for (const at of order) measured[at]!.push(await runDaemon(cases[at]![1]));
  }
  await rm(folder, { recursive: true });
  const first = measured[0]!;
  return [
    `| daemon, ${GUESTS} guests, ${INTERVALS} intervals | CPU time of an interval | to "there" | event loop delay: median / 99 % | RSS at the end |`,
    '| --- | --- | --- | --- | --- |',
    ...cases.map(([name], at) => rowOf(name, measured[at]!, first)),
    '',
    '| client | median | 95 % |',
    '| --- | --- | --- |',
    ...(['scrape', 'status'] as const).map((name) => timesRow(`${name}, one request`, times[name])),
    ...STATUS_COMMANDS.map((name, at) => timesRow(`${name}, the whole process`, times.commands[at]!)),
  ];
}

/** What clients ask for in the time of one interval; after the last one, the commands are timed. */
async function clientsOf(
  interval: number,
  { hostRoot, metrics, folder, times }: Record<'hostRoot' | 'metrics' | 'folder', string> & { times: ClientTimes },
): Promise<void> {
  const config = defaultConfig();
  const runtime = runtimeDirectory({ ...config, hostRoot }, undefined);
  const client = new ControlClient({ socket: socketsIn(runtime).statusSocket, name: 'bench' });
  const intervalS = config.collectIntervalMs / 1000;
  for (let second = 0; second < intervalS; second++) {
    const began = performance.now();
    await client.call('status');
    times.status.push(performance.now() - began);
  }
  if (interval % Math.round(SCRAPE_EVERY_S / intervalS) === 0) times.scrape.push((await scrape(metrics)).ms);
  if (interval < INTERVALS) return;
  const commands = await timeStatusCommand(runtime, folder);
  for (const [at, values] of commands.entries()) times.commands[at]!.push(...values);
}

function rowOf(name: string, runs: readonly Measured[], first: readonly Measured[]): string {
  const of = (figure: (run: Measured) => number) => median(runs.map(figure));
  const ratio = median(runs.map(({ cpuMs }, round) => cpuMs / first[round]!.cpuMs));
  const cells = [
    name,
    `${of(({ cpuMs }) => cpuMs).toFixed(1)} ms`,
    ratio.toFixed(3),
    `${of(({ heldUpMs }) => heldUpMs[0]).toFixed(1)} / ${of(({ heldUpMs }) => heldUpMs[1]).toFixed(1)} ms`,
    `${of(({ rssEndMb }) => rssEndMb).toFixed(0)} MB`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function timesRow(name: string, times: readonly number[]): string {
  return `| ${name} | ${median(times).toFixed(1)} ms | ${percentile(times, 0.95).toFixed(1)} ms |`;
}
