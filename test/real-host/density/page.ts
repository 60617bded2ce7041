import { basename } from 'node:path';
import { rowsOf, type Bounds } from './carried.ts';
import { LEAST, RESERVE_SHARE } from './daemon.ts';
import { SPARED_MIB } from './demand.ts';
import { POLICY_PACE } from './pace.ts';
import { BUSY_PHASE_S, QUIET_PHASE_S } from './plan.ts';
import type { DensityResults, PolicyRun } from './results.ts';
import { LEAD_S } from './run.ts';
import { carriedTable, differenceTable, figuresTable, markdownTable, sameRuns } from './table.ts';

/** docs/density.md. @param simulated all runs of the same options */
export function page(results: DensityResults, simulated: readonly PolicyRun[]): string {
  const { options, runs, roomy } = results;
  const { guests, guestMib, hostMib, seconds, limit, rounds, pace, seed, config } = options;
  const bounds: Bounds = { seconds, limit };
  const same = sameRuns(runs, simulated);
  const [real, model] = [rowsOf(runs, options), rowsOf(same, options)];
  const planned = options.rounds * guests.length * options.policies.length;
  const unfinished =
    runs.length < planned ? `\nThe measurement was cut off: ${runs.length} of ${planned} runs are here.\n` : '';
  const promised = guests.map((count) => `${count}: ${((100 * count * guestMib) / hostMib).toFixed(0)} %`).join(', ');
  const taken = roomy.map((one) => `${one.guests}: ${one.takenMib.toFixed(0)} MiB`).join(', ');
  return `# Density

How many guests a host carries with each policy, and without any: measured with real guests, and beside it what the simulator says about the same
guests. \`sudo npm run test:density\` measures this and writes this page. \`-- --policy FILE --guests 4,8\` measures something else; \`-- --help\` lists all
options.
${unfinished}
## Guests carried

${markdownTable(carriedTable(real, model, options, bounds))}

- **carried**: the most guests of ${guestMib} MiB on a host of ${hostMib} MiB that lost at most ${limit} % of their time, without an OOM kill, a failed step or a lost
  guest in any round; with fewer guests it was the same. Of ${guests.join(', ')}: what a host carries beyond that was not tried.
- **lost with N**: the share of their time that N guests lost, as a mean of ${rounds === 1 ? 'one round' : `${rounds} rounds`}: measured, how much longer their steps took than on a roomy
  host; simulated, how long they waited for memory. A negative share is noise, and shows how much of it there is.
- What all guests were promised, as a share of the memory of the host: ${promised}.

## All figures, measured

${markdownTable(figuresTable(real))}

## All figures, simulated

${markdownTable(figuresTable(model))}

Figures are means of the rounds; in parentheses, those of each round. The rounds have different plans. Differences that are smaller than those
between two rounds are noise.

- **lost seconds**: of all guests. Measured: how much longer their steps took than on a roomy host. Each step takes the memory that the plan asks for, reads the
  guest's working set, and needs a CPU for a moment. The work is the same in all runs of a round. Simulated: how long they waited for memory.
- **guest major faults**, **guest swap-in**: what the guests read from their own swap. **guests stalled**: time in which a task of a guest waited for memory of the guest (\`some\` of its
  pressure stall information), of all guests.
- **host swap-out**, **host swap-in**: guest memory that the host wrote to its swap and read back. **host stalled**: time in which at least one guest waited for memory of the
  host (\`memory.pressure\`, some).
- **OOM kills**: by the kernels of the guests and of the host. **failed steps**: a guest had no memory for it; the simulator has no steps. **lost guests**: they no longer
  answered; simulated, the host killed them.
- **moves**: balloon targets that Ballast set.
- **other CPU time**: of the machine, besides that of the guests: Ballast, the kernel's swapping, and whatever else ran. A run with much more than others of its number of
  guests was disturbed.

## Where the simulator differs

${markdownTable(differenceTable(runs, same))}

- **Memory that was free.** A guest that uses memory again which it had freed, and which the host has swapped out meanwhile, makes the real host read each page back, although nobody
  needs what was in it. The simulated host reads nothing back for that. A host without balloons has most of such memory.
- **Working set.** The job here reads its whole working set every two to four seconds, and never looks at the rest. The simulator assumes that programs touch 5 % of what they
  use in a second, so the host reads less of it back.
- **Time.** The simulated guests wait only for pages. Measured time also has what swapping costs in CPU time, and what the guests of one host cost each other, which
  emulation on ${results.cores} cores makes large. Compare lost seconds within one table.
- **Balloons.** One that has to work for its pages is slower on a busy CPU than the simulated one.

## How it was measured

${results.date.slice(0, 10)}, Linux ${results.kernel}, ${results.cores} cores. Guests of ${guestMib} MiB under software emulation (QEMU's TCG), with swap of the same size each; ${seconds} s a run, seed ${seed} and
following. The host is a memory control group of ${hostMib} MiB with swap behind it: real memory, really swapped. Guests get the CPUs before other programs. Each run has fresh guests. They touch all of their memory but ${SPARED_MIB} MiB
once before it is measured, as guests have that run for days: such memory stays with them, used or not, until a balloon takes it. On a roomy host they take ${taken}. In each round all
policies meet the same plan, in turn.

Each guest alternates between quiet phases of ${range(QUIET_PHASE_S)} s and busy ones of ${range(BUSY_PHASE_S)} s, by a plan that depends only on the seed. It keeps a working set of 25 to 35 % of its
memory, and takes another 20 to 40 % in busy phases, at once or by and by. Before the plan begins, guests are quiet for ${LEAD_S} s, in which policies share out the memory.

Ballast sees the control group as its host. All policies have their default parameters, and Ballast its default configuration except for:

- **Time.** Phases stand for such that are ${pace} times as long: quiet ones for ${range(QUIET_PHASE_S, pace / 60)} minutes, busy ones for ${range(BUSY_PHASE_S, pace / 60)}. What guards remember of guests (\`recent_use\`,
  \`pain.lasting\` and \`remembered\`, \`settle.remembered\`, the cool-downs of \`rhythm\`) is divided by ${pace}, but is at least 1 s: with the default of 10 minutes in \`recent_use\` no guest would ever
  give what it used in a run. Both intervals are 1 s, instead of 5 and 10 s, and the durations in the text of a policy are divided by ${POLICY_PACE}, as its interval is. So policies are
  slower against the phases than they would be, and forget more slowly, all of them alike. Speeds of memory, swap and balloons are as they are.
- **Size.** \`budget.reserve\` and \`emergency.below\` are ${percent(RESERVE_SHARE)} and ${percent(RESERVE_SHARE / 2)} of the host, because the defaults of 512 and 256 MiB are meant for larger ones.
- **Guests.** \`rhythm.boot_grace\` is 0, as all have just booted; \`balloon_min\` is ${LEAST.replace('MiB', ' MiB')}, as a guest without one is left alone by \`proxmox\`. It is not above the floor of the guards.
- **KSM.** \`controllers: [balloon]\`: the guests are filled with the same pages, unlike real ones.${config === null ? '' : `\n- The keys of ${basename(config)}.`}

The simulator gets the same plans, the same configuration and the same policies. \`-- --scenarios FOLDER\` writes what it simulates as files for \`ballast simulate\`.

## What this does not show

- Speed under KVM. Emulated guests use more CPU time for everything, and their memory less often.
- A large host, where many guests even out what each of them does.
- Guests that use memory for a page cache: these have no disk but their swap.
- Hours and days: policies that learn slowly have no time to do so.
`;
}

function range({ least, most }: { readonly least: number; readonly most: number }, times = 1): string {
  return `${(least * times).toFixed(0)} to ${(most * times).toFixed(0)}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
