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
import { runExperiment } from './run.ts';

const { experiments, folder } = parseOptions(process.argv.slice(2));
const temporary = await mkdtemp(join(bedPaths().temporary, 'calibration-'));
const command = buildCommand(temporary);
await libvirtd.start();
const host = await SmallHost.create();
try {
  const disks = await smallHostDirectory(BED);
  for (const [at, plan] of experiments.entries()) {
    console.log(`calibrate: ${at + 1} of ${experiments.length}: ${plan.name}, ${plan.seconds} s: ${plan.about}`);
    await runExperiment({ host, command, temporary, disks, folder }, plan);
  }
} finally {
  await host.close();
}
