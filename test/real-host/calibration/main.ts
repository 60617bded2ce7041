// Runs in the test bed: records all experiments in turn. scripts/calibrate.ts starts it.
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { buildCommand } from '../../support/built-command.ts';
import { BED } from '../bed/bed.ts';
import { smallHostDirectory } from '../bed/small-host.ts';
import { SmallHost } from '../density/small-host.ts';
import { bedPaths } from '../support/bed-paths.ts';
import { libvirtd } from '../support/libvirtd.ts';
import { parseOptions } from './options.ts';
import type { ExperimentPlan } from './plan.ts';
import { runExperiment, type Bench } from './run.ts';

/** An emulated guest now and then does not boot. */
async function tryTwice(bench: Bench, plan: ExperimentPlan): Promise<boolean> {
  for (const attempt of [1, 2]) {
    try {
      await runExperiment(bench, plan);
      return true;
    } catch (error) {
      console.error(`calibrate: ${plan.name}, attempt ${attempt}:`, error);
    }
  }
  return false;
}

const { experiments, folder } = parseOptions(process.argv.slice(2));
const temporary = await mkdtemp(join(bedPaths().temporary, 'calibration-'));
const command = buildCommand(temporary);
await libvirtd.start();
const host = await SmallHost.create();
try {
  const disks = await smallHostDirectory(BED);
  for (const [at, plan] of experiments.entries()) {
    console.log(`calibrate: ${at + 1} of ${experiments.length}: ${plan.name}, ${plan.seconds} s: ${plan.about}`);
    if (!(await tryTwice({ host, command, temporary, disks, folder }, plan))) process.exitCode = 1;
  }
} finally {
  await host.close();
}
