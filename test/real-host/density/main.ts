// Runs in the test bed: measures all loads and policies in turn. scripts/test-density.ts starts it.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { availableParallelism, release } from 'node:os';
import { basename, join } from 'node:path';
import { buildCommand } from '../../support/built-command.ts';
import { BED } from '../bed/bed.ts';
import { smallHostDirectory } from '../bed/small-host.ts';
import { bedPaths } from '../support/bed-paths.ts';
import { libvirtd } from '../support/libvirtd.ts';
import { figuresOf, type Figures } from './figures.ts';
import { NO_POLICY, parseOptions } from './options.ts';
import { planDemand } from './plan.ts';
import { run, type Bench } from './run.ts';
import { inTurn } from './schedule.ts';
import { SmallHost } from './small-host.ts';
import { page, textTable, type DensityReport, type DensityRow } from './table.ts';

const options = parseOptions(process.argv.slice(2));

function log(line: string): void {
  console.log(`test:density: ${line}`);
}

async function measure(bench: Bench): Promise<DensityReport> {
  const measured = new Map<string, { readonly hostMib: number[]; readonly rounds: Figures[] }>();
  const key = (load: number, policy: string): string => `${load} ${policy}`;
  const roomyMib: number[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const plans = planDemand({ ...options, seed: options.seed + round });
    const shared = { plans, guestMib: options.guestMib };
    const roomy = await run(bench, { ...shared, hostKib: null, policy: NO_POLICY });
    if (roomy.works.some(({ answers, failed }) => !answers || failed > 0))
      throw new Error('A guest failed on a host with plenty of memory, so there is nothing to compare with.');
    const needKib = roomy.host.mostTakenKib;
    roomyMib.push(needKib / 1024);
    log(`round ${round + 1} of ${options.rounds}: the guests take ${Math.round(needKib / 1024)} MiB of a roomy host`);
    for (const { load, policy } of inTurn(options.loads, options.policies, round)) {
      const hostKib = Math.round(needKib / load);
      const result = await run(bench, { ...shared, hostKib, policy });
      const figures = figuresOf(result, roomy);
      if (options.logs !== null && policy !== NO_POLICY)
        await writeFile(
          join(options.logs, `${round + 1}-${load}-${basename(policy)}.log`),
          result.log.map((line) => `${line}\n`).join(''),
        );
      const row = measured.get(key(load, policy)) ?? { hostMib: [], rounds: [] };
      measured.set(key(load, policy), row);
      row.hostMib.push(hostKib / 1024);
      row.rounds.push(figures);
      log(
        `load ${load}, ${policy}: ${figures.lostS.toFixed(1)} s lost, ${figures.hostSwapOutMib.toFixed(0)} MiB swapped out by the host, ${figures.moves} moves`,
      );
    }
  }
  const rows = options.loads.flatMap((load) =>
    options.policies.flatMap((policy): DensityRow[] => {
      const row = measured.get(key(load, policy));
      return row === undefined ? [] : [{ load, policy, ...row }];
    }),
  );
  return {
    options,
    date: new Date().toISOString(),
    cores: availableParallelism(),
    kernel: release(),
    roomyMib,
    rows,
  };
}

const folder = await mkdtemp(join(bedPaths().temporary, 'density-'));
const command = buildCommand(folder);
await libvirtd.start();
const host = await SmallHost.create();
try {
  const daemon = { command, folder, config: options.config };
  const report = await measure({ host, daemon, disks: await smallHostDirectory(BED) });
  console.log(textTable(report.rows));
  if (options.json !== null) await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
  if (options.page !== null) await writeFile(options.page, page(report));
} finally {
  await host.close();
}
