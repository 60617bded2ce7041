import { count, duration } from '../../src/report/figures.ts';
import { table } from '../comparison/table.ts';
import { coachText } from './coach.ts';
import { equalTable } from './equal.ts';
import { markOf, meanText, shareText } from './figures.ts';
import { aheadOfFirst, guestsOf, meanSharesOf, sharesOf, type PackedScenario, type Packing } from './packing.ts';
import { SHORTENED, TAKES_MIN, type Family } from './set.ts';
import { aimText, behindText, standings } from './words.ts';

/** docs/packing.md: without dates and times, so that the same results make the same page. */
export function packingMarkdown(packing: Packing, families: readonly Family[]): string {
  const { policies, scenarios, seeds } = packing;
  const [first = ''] = policies;
  const heldOut = families.at(-1)!;
  const tuned = families.slice(0, -1);
  return `# How many guests each policy carries

\`npm run packing\` writes this page: it packs hosts, in simulations, with as many guests as each policy carries within limits, under Ballast's guards.
It takes about ${TAKES_MIN} minutes of two CPUs. [The shipped policies, compared](comparison.md) says what each policy is, and what guests suffer with the number of guests that the
scenarios have.

A host carries a number of guests when, on ${count(seeds.length, 'seed')} (days of the same kind) each for itself,

- all guests together wait for memory for at most 1 % of their running time,
- the host kills no guest,
- in each guest no more programs are killed than in the same guest on a host with room for all of them at full size: in [leak](../scenarios/leak.yaml) some are killed on any host,
- no guest has less than its \`balloon_min\`, not for a second.

**Bound** is the number of guests that fit when nobody waits and the future is known: see [what is possible at best](simulate.md#what-is-possible-at-best). These limits let guests wait a
little, so a policy can carry more than 100 %. **By size** is the number that fits when no memory is promised twice: the sizes of all guests are at most the memory of the host less its
reserve.

## In short

${shortText(packing, families)}
${aimText(packing)}
${behindText(packing)}
\`${first}\` against each of the others, in scenarios:

${table(['policy', 'ahead', 'behind', 'may be chance', 'equal'], standings(packing))}
Ahead and behind are differences that are more than chance: the same seed means the same demand for all policies, so the differences between policies are taken seed by seed, and their
95 % confidence interval (Student's t) excludes zero. With ${count(seeds.length, 'seed')} it is wide: what may be chance may also be a difference.

## Guests carried

Each cell: guests, mean over the seeds ± half of its 95 % confidence interval; how many with every seed; the share of the bound. Without ±: all seeds agree. + and \u2212: more and fewer guests than
with \`${first}\`, and more than chance.

${tuned.map((family) => familyText(packing, family, '###')).join('\n')}
## Held-out scenarios

No policy was made or tuned with these: they show whether one is good, or only good at the scenarios above.

${table(...familyTable(packing, heldOut))}
${coachText(packing)}
## Pain at equal packing

Here every policy has the guests that \`${first}\` carries with every seed. Each cell: how much of their running time guests wait for memory, mean over the seeds ± half of its 95 % confidence
interval, and how many programs in guests and guests are killed. + and \u2212: less and more of it than with \`${first}\`, and more than chance.

${equalTable(packing)}
## How it was done

- A search begins at a guess, from the bound or from another search, and goes on until the limits are kept with a number of guests and broken with the next. Larger
  numbers are not tried, though more guests are not always worse. [\`ballast capacity\`](capacity.md) asks for more.
- Guests that are added are copies of the scenario's own in turn, with a demand of their own.
- \`filled-95\`, \`filled-120\` and \`filled-200\` differ from \`filled-150\` only in the number of guests, which is what is looked for, so they are left out.
${scenarios
  .filter(({ simulatedS, durationS }) => simulatedS < durationS)
  .map(shortenedText)
  .join('')}
Simulations are no promise: [what is modelled](simulate.md#what-is-modelled) says what they know, and on [a small real host](density.md) guests lost more time than
simulated ones with every policy. Leave room.
`;
}

function shortText(packing: Packing, families: readonly Family[]): string {
  const names = families.map(({ title, scenarios }) => ({ title, scenarios }));
  const tuned = families.slice(0, -1).flatMap(({ scenarios }) => scenarios);
  const all = families.flatMap(({ scenarios }) => scenarios);
  const rows = [
    ...names,
    { title: '**all but held-out**', scenarios: tuned },
    { title: '**all**', scenarios: all },
  ].filter(({ scenarios }) => packing.scenarios.some(({ name }) => scenarios.includes(name)));
  return `The mean share of the bound, each scenario counted once; ± half of the 95 % confidence interval over the seeds:

${table(
  ['scenarios', ...packing.policies],
  rows.map(({ title, scenarios }) => [
    title,
    ...packing.policies.map((policy) => shareText(meanSharesOf(packing, scenarios, policy))),
  ]),
)}`;
}

function familyText(packing: Packing, family: Family, heading: string): string {
  const [head, rows] = familyTable(packing, family);
  return rows.length === 0 ? '' : `${heading} ${family.title}\n\n${table(head, rows)}`;
}

function familyTable(packing: Packing, { scenarios }: Family): [readonly string[], readonly (readonly string[])[]] {
  const own = packing.scenarios.filter(({ name }) => scenarios.includes(name));
  return [['scenario', 'by size', 'bound', ...packing.policies], own.map((scenario) => scenarioRow(packing, scenario))];
}

/** The row of a scenario: its bounds, and what each policy carries. */
export function scenarioRow(packing: Packing, scenario: PackedScenario): readonly string[] {
  const { name, bounds, notOvercommitted } = scenario;
  return [
    name,
    String(notOvercommitted),
    meanText(bounds),
    ...packing.policies.map((policy) => cellText(packing, scenario, policy)),
  ];
}

function cellText(packing: Packing, scenario: PackedScenario, policy: string): string {
  const guests = guestsOf(packing, scenario.name, policy);
  const mark = markOf(aheadOfFirst(packing, scenario.name, policy), 'more');
  const every = new Set(guests).size === 1 ? '' : `<br>every seed: ${Math.min(...guests)}`;
  return `${meanText(guests)}${mark}${every}<br>${shareText(sharesOf(packing, scenario, policy))}`;
}

function shortenedText({ name, simulatedS, durationS }: PackedScenario): string {
  const { why } = SHORTENED.get(name)!;
  return `- \`${name}\` is simulated for ${duration(simulatedS)} of its ${duration(durationS)}: ${why}.\n`;
}
