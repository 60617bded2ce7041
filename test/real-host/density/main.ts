// Runs in the test bed: measures all policies in turn, and writes what is known after each run. scripts/test-density.ts starts it.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { availableParallelism, release } from 'node:os';
import { basename, join } from 'node:path';
import { buildCommand } from '../../support/built-command.ts';
import { BED } from '../bed/bed.ts';
import { smallHostDirectory } from '../bed/small-host.ts';
import { bedPaths } from '../support/bed-paths.ts';
import { libvirtd } from '../support/libvirtd.ts';
import { figuresOf } from './figures.ts';
import { NO_POLICY, parseFiles, parseOptions } from './options.ts';
import { stepSeconds } from './pain.ts';
import { planDemand } from './plan.ts';
import { Progress } from './progress.ts';
import { resultsFile, writeResults, type PolicyRun, type RoomyRun } from './results.ts';
import { run, type Bench, type RunResult } from './run.ts';
import { estimate, inTurn } from './schedule.ts';
import { SmallHost } from './small-host.ts';

const args = process.argv.slice(2);
const options = parseOptions(args);
const files = parseFiles(args);
const progress = new Progress(estimate(options).runs, (line) => console.log(`test:density: ${line}`));
const roomyRuns: RoomyRun[] = [];
const runs: PolicyRun[] = [];

async function measure(bench: Bench): Promise<void> {
  for (let round = 0; round < options.rounds; round += 1) {
    let roomy: RunResult | null = null;
    for (const { guests, policy } of inTurn(options.guests, options.policies, round)) {
      if (roomy?.works.length !== guests) roomy = await measureRoomy(bench, round, guests);
      const result = await run(bench, { ...shared(round, guests), hostKib: options.hostMib * 1024, policy });
      const figures = figuresOf(result, roomy);
      runs.push({ round, guests, policy, figures });
      await keepLog(`${round + 1}-${guests}-${basename(policy)}.log`, result.log);
      await keep();
      progress.done(
        `round ${round + 1}, ${guests} guests, ${basename(policy)}: ${figures.lostS.toFixed(1)} s lost, ${figures.hostSwapInMib.toFixed(0)} MiB swapped in by the host, ${figures.oomKills} OOM kills, ${figures.moves} moves`,
      );
    }
  }
}

async function measureRoomy(bench: Bench, round: number, guests: number): Promise<RunResult> {
  const roomy = await run(bench, { ...shared(round, guests), hostKib: null, policy: NO_POLICY });
  if (roomy.works.some(({ answers, failed }) => !answers || failed > 0))
    throw new Error('A guest failed on a host with plenty of memory, so there is nothing to compare with.');
  const takenMib = roomy.host.mostTakenKib / 1024;
  roomyRuns.push({ round, guests, takenMib, stepS: stepSeconds(roomy.works) });
  progress.done(`round ${round + 1}, ${guests} guests take ${takenMib.toFixed(0)} MiB of a roomy host`);
  return roomy;
}

function shared(round: number, guests: number) {
  const { guestMib, seconds, seed } = options;
  return { plans: planDemand({ guestMib, seconds, guests, seed: seed + round }), guestMib };
}

async function keep(): Promise<void> {
  await writeResults(resultsFile(files), {
    options,
    date: new Date().toISOString(),
    cores: availableParallelism(),
    kernel: release(),
    roomy: roomyRuns,
    runs,
  });
}

async function keepLog(name: string, lines: readonly string[]): Promise<void> {
  if (files.logs === null || lines.length === 0) return;
  await writeFile(join(files.logs, name), lines.map((line) => `${line}\n`).join(''));
}

const folder = await mkdtemp(join(bedPaths().temporary, 'density-'));
const command = buildCommand(folder);
await libvirtd.start();
const host = await SmallHost.create();
try {
  const daemon = { command, folder, config: options.config, pace: options.pace };
  await measure({ host, daemon, disks: await smallHostDirectory(BED) });
} finally {
  await host.close();
}
