import { verdict, type Cell, type Comparison, type ComparedScenario } from '../../src/comparison/comparison.ts';
import { MEASURES, type Measure } from '../../src/comparison/measures.ts';
import { differencesOf, figures } from '../../src/report/comparison/answer.ts';
import { outcomesOf } from '../../src/report/comparison/outcome.ts';
import { count, duration, share } from '../../src/report/figures.ts';
import { measureText } from '../../src/report/measure-text.ts';
import { table } from './table.ts';

const MARKS = { better: '+', worse: '\u2212' } as const;

/** docs/comparison.md: without dates and times, so that the same results make the same page. */
export function comparisonMarkdown(comparison: Comparison, heldOut: readonly string[] = []): string {
  const { policies, scenarios, seeds } = comparison;
  const [baseline = ''] = policies;
  return `# The shipped policies, compared

\`npm run comparison\` writes this page. It simulates the policies that come with Ballast on all ${scenarios.length} scenarios of
[scenarios/](simulate.md#writing-a-scenario), with the seeds ${seeds[0]} to ${seeds.at(-1)}. The same as an HTML page, with the memory of each host over time:

\`\`\`console
$ ballast compare scenarios/*.yaml scenarios/held-out/*.yaml ${policies.map((policy) => `--policy ${policy}`).join(' ')} --seeds ${seeds.length} --report comparison.html
\`\`\`

- \`none\` decides nothing: it is the baseline.
- \`balanced+ksm-budget\` is what a new installation does, and \`balanced\` its half for balloons.
- \`mom-balloon+mom-ksm\` are the two policies that MOM's own rules stand for: balloons follow a shortage of the host, and KSM runs during it.
- The others decide as [ksmtuned](policies/ksmtuned.md), [Proxmox VE](policies/proxmox.md), [squeezed](policies/squeezed.md),
  [VMware ESX](policies/esx.md), [senpai](policies/senpai.md) and [qemus](policies/qemus.md) do. Where their hosts usually merge pages, ksmtuned runs beside them.

All run under Ballast's guards, which keep each of them from the worst that it would do alone.

Simulations are no promise: [what is modelled](simulate.md#what-is-modelled) says what they know. [Comparing policies](compare.md) says how to read
the figures, and how to compare your own policies on your own scenarios.

## Gain and pain

![For each scenario a plot: how much less memory of the host guests take with each policy than with ${baseline}, and which share of their time they wait for memory](comparison.svg)

To the right: guests take less memory of the host than with \`${baseline}\`, on average. Upwards: guests wait a larger share of their time for memory.
The best place is at the bottom right. Lines go from the least to the most of the seeds; ✕ counts what OOM killers ended.

## In short

${
  seeds.length > 1
    ? `Differences from \`${baseline}\` that are more than chance: + is better, \u2212 worse. Waiting is a share of the running time.`
    : 'Waiting is a share of the running time. One seed cannot show which differences are more than chance.'
}

${shortTable(comparison, ({ name }) => !heldOut.includes(name))}
${heldOut.length === 0 ? '' : heldOutText(comparison, heldOut)}
${scenarios.map((scenario) => scenarioText(comparison, scenario)).join('\n')}`;
}

function shortTable(comparison: Comparison, isShown: (scenario: ComparedScenario) => boolean): string {
  const rows = comparison.scenarios.filter(isShown).map((scenario) => shortRow(comparison, scenario));
  return table(['scenario', ...comparison.policies], rows);
}

function heldOutText(comparison: Comparison, heldOut: readonly string[]): string {
  return `### Held-out scenarios

No policy was made or tuned with these: they show whether one is good, or only good at the scenarios above.

${shortTable(comparison, ({ name }) => heldOut.includes(name))}`;
}

function shortRow(comparison: Comparison, scenario: ComparedScenario): readonly string[] {
  const outcomes = outcomesOf(comparison, scenario);
  return [
    `[${scenario.name}](#${scenario.name})`,
    ...outcomes.map((outcome) => {
      const differences = differencesOf(outcome);
      if (differences === null) return figures(outcome);
      return differences.length === 0 ? 'no difference' : differences.map(({ words }) => words).join('<br>');
    }),
  ];
}

function scenarioText(comparison: Comparison, scenario: ComparedScenario): string {
  const { name, story, guests, promised, durationS } = scenario;
  return `## ${name}

${story} ${count(guests, 'guest')} with ${share(promised, 1)} of the memory of the host; simulated: ${duration(durationS)}.

${table(['', ...comparison.policies], figureRows(comparison, scenario))}`;
}

/** The rows of a scenario's table: the title of a figure, and its value with each policy. */
export function figureRows(
  { cells, policies }: Comparison,
  { name }: ComparedScenario,
): readonly (readonly string[])[] {
  const own = policies.map((policy) => cells.find((cell) => cell.scenario === name && cell.policy === policy));
  return MEASURES.map((measure) => [
    measure.title,
    ...own.map((cell) => (cell === undefined ? '' : valueText(measure, cell))),
  ]);
}

function valueText(measure: Measure, { estimates, differences }: Cell): string {
  const own = estimates[measure.key] ?? null;
  if (own === null) return '-';
  const found = verdict(measure, differences?.[measure.key] ?? null);
  return `${measureText(measure, own.mean)}${found === null ? '' : ` ${MARKS[found]}`}`;
}
