import { savedShare, verdict, type Cell, type ComparedScenario, type Comparison } from '../../comparison/comparison.ts';
import type { GateResult } from '../../comparison/gates.ts';
import { MEASURES, type Measure } from '../../comparison/measures.ts';
import { escapeControls } from '../../model/text.ts';
import type { ReportedCase } from '../../tooling/testing/junit.ts';
import { measureText } from '../../report/measure-text.ts';
import { NONE } from '../support/simulated-policies.ts';
import { table } from '../support/table.ts';
import { count, percent, seconds } from '../support/units.ts';
import { seedsText } from './simulate-text.ts';

/** A table for each scenario, with a column for each policy. */
export function comparisonText(comparison: Comparison): string {
  const { scenarios, policies } = comparison;
  const texts = scenarios.map((scenario) => scenarioText(comparison, scenario)).filter((text) => text !== '');
  if (texts.length === 0) return '';
  const first = escapeControls(policies[0]!);
  const isMarked = comparison.cells.some(({ seeds, differences }) => differences !== null && seeds.length > 1);
  const legend = isMarked
    ? `\n+ better, - worse than ${first}: the 95 % confidence interval of the difference over the seeds excludes zero\n`
    : policies.length > 1
      ? '\nOne seed cannot show which differences are more than chance: use --seeds 5\n'
      : '';
  return texts.join('\n') + legend;
}

function scenarioText({ cells, policies }: Comparison, scenario: ComparedScenario): string {
  const own = policies.flatMap((policy) =>
    cells.filter((cell) => cell.scenario === scenario.name && cell.policy === policy),
  );
  if (own.length === 0) return '';
  const { story, durationS, guests, promised } = scenario;
  const about = [
    `${count(guests, 'guest')} with ${percent(promised)} of the memory of the host`,
    ...[`simulated: ${seconds(durationS)}`, `seeds: ${seedsText(own[0]!.seeds)}`],
  ].join('; ');
  const columns = [
    { title: '', align: 'left' as const },
    ...own.map(({ policy }) => ({ title: `${escapeControls(policy)}  `, align: 'right' as const })),
  ];
  const rows = MEASURES.map((measure) => [measure.title, ...own.map((cell) => cellText(measure, cell))]);
  const saved = savedRow(own);
  if (saved !== null) rows.push(saved);
  return `${escapeControls(scenario.name)}: ${story}\n${about}\n\n${table(columns, rows)}`;
}

/** Of the memory that is used without any policy and not needed, how much each policy saves. @returns null: none is not among them */
function savedRow(cells: readonly Cell[]): string[] | null {
  const none = cells.find(({ policy }) => policy === NONE);
  if (none === undefined) return null;
  const shares = cells.map((cell) => savedShare(none, cell));
  return [
    'saved, of what could be at best',
    ...shares.map((share) => (share === null ? '-  ' : `${percent(share)}  `)),
  ];
}

function cellText(measure: Measure, { estimates, differences }: Cell): string {
  const own = estimates[measure.key] ?? null;
  if (own === null) return '-  ';
  const mark = { better: '+', worse: '-' } as const;
  const found = verdict(measure, differences?.[measure.key] ?? null);
  return `${measureText(measure, own.mean)} ${found === null ? ' ' : mark[found]}`;
}

/** A line for each gate; empty without gates. */
export function gatesText(results: readonly GateResult[]): string {
  if (results.length === 0) return '';
  const lines = results.map((result) => {
    const { gate, scenario, policy, passed } = result;
    return `${passed ? 'kept  ' : 'BROKEN'}  ${gate.text}  ${escapeControls(scenario)}  ${escapeControls(policy)}: ${valueText(result)}\n`;
  });
  return `\n${lines.join('')}`;
}

function valueText({ gate, value, limit }: GateResult): string {
  if (value === null || limit === null) return 'no such figure';
  const text = (figure: number): string => measureText(gate.measures[0]!, figure);
  return 'factor' in gate.limit ? `${text(value)}, limit ${text(limit)}` : text(value);
}

/** A gate as a case of a test report. */
export function gateCase(result: GateResult): ReportedCase {
  const { gate, scenario, policy, passed } = result;
  return {
    ...{ suite: scenario, name: `${policy}: ${gate.text}`, line: 1 },
    problem: passed ? null : `${gate.text} is broken by ${policy}: ${valueText(result)}`,
  };
}

/** Everything, as one JSON text. */
export function comparisonJson({ scenarios, policies, cells }: Comparison, gates: readonly GateResult[]): string {
  const comparison = {
    scenarios: scenarios.map(({ durationS, ...rest }) => ({ ...rest, duration_s: durationS })),
    policies,
    cells,
    gates: gates.map(({ gate, ...rest }) => ({ gate: gate.text, ...rest })),
  };
  return `${JSON.stringify(comparison, null, 2)}\n`;
}
