import {
  differenceOf,
  dominates,
  meanOf,
  OBJECTIVES,
  recommended,
  verdictsOf,
  type Objective,
} from '../../comparison/tuning.ts';
import { MEASURES } from '../../comparison/measures.ts';
import { escapeControls } from '../../model/text.ts';
import { measureText } from '../../report/measure-text.ts';
import { table } from '../support/table.ts';
import { count, size } from '../support/units.ts';
import type { Choice, Tuning } from './tuning.ts';
import { seedsText } from './simulate-text.ts';

const STALL_SHARE = MEASURES.find(({ key }) => key === 'stall-share')!;

const COLUMNS: Readonly<Record<Objective, { readonly title: string; readonly text: (value: number) => string }>> = {
  killed: { title: 'killed', text: (value) => String(Math.round(value * 10) / 10) },
  stallShare: { title: 'waited', text: (value) => measureText(STALL_SHARE, value) },
  usedKib: { title: 'memory in use', text: size },
};

/** A table of the choices that were judged, from the least memory in use to the most, and what to do. */
export function tuningText(tuning: Tuning): string {
  const { policy, scenarios, dimensions, today, finalists, tried, isJudged, seeds } = tuning;
  if (finalists.length === 0) return '';
  const title = `${escapeControls(policy)}, ${count(tried, 'choice')} of ${dimensions.map(({ name }) => name).join(', ')}`;
  const about = `${scenarios.map(escapeControls).join(', ')}; seeds: ${seedsText(seeds)}`;
  const hasToday = today.bySeed.size > 0;
  const columns = [
    ...dimensions.map(({ name }) => ({ title: name, align: 'right' as const })),
    ...OBJECTIVES.map((objective) => ({ title: `${COLUMNS[objective].title}  `, align: 'right' as const })),
    { title: '', align: 'left' as const },
  ];
  const rows = [
    ...(hasToday ? [[...dimensions.map((each) => each.today), ...figures(today, null), 'today']] : []),
    ...sorted(finalists).map((choice) => [
      ...choice.values,
      ...figures(choice, hasToday ? today : null),
      isDominated(choice, hasToday ? [today, ...finalists] : finalists) ? 'dominated' : '',
    ]),
  ];
  const legend = hasToday
    ? "+ better, - worse than today's values: the 95 % confidence interval of the difference over the seeds excludes zero\n"
    : '';
  const advice = isJudged ? `\n${adviceText(tuning)}` : '';
  return `${title}\n${about}\n\n${table(columns, rows)}\n${legend}${advice}`;
}

/** Whether another choice is as good in all, and better in something. */
function isDominated(choice: Choice, all: readonly Choice[]): boolean {
  return all.some((other) => dominates(meanOf(other), meanOf(choice)));
}

function sorted(choices: readonly Choice[]): readonly Choice[] {
  return choices.toSorted((a, b) => meanOf(a).usedKib - meanOf(b).usedKib);
}

function figures(choice: Choice, today: Choice | null): readonly string[] {
  const mean = meanOf(choice);
  const verdicts = today === null ? null : verdictsOf(today, choice);
  return OBJECTIVES.map((objective) => {
    const mark = { better: '+', worse: '-' } as const;
    const found = verdicts?.[objective] ?? null;
    return `${COLUMNS[objective].text(mean[objective])} ${found === null ? ' ' : mark[found]}`;
  });
}

function adviceText({ dimensions, today, finalists, seeds }: Tuning): string {
  if (seeds.length === 1)
    return 'no recommendation: one seed cannot show which differences are more than chance: use --seeds 8\n';
  const position = recommended(today, finalists);
  if (position === null)
    return "no recommendation: no choice is better than today's values by more than chance and worse in nothing\n";
  const { values } = finalists[position]!;
  const lines = dimensions.map(({ name }, at) => `  ballast params set ${name} ${values[at]!}\n`);
  return `recommended: better than today's values by more than chance, and worse in nothing\n${lines.join('')}`;
}

/** Everything, as one JSON text. */
export function tuningJson(tuning: Tuning): string {
  const { policy, scenarios, dimensions, today, finalists, tried, isJudged, seeds } = tuning;
  const hasToday = today.bySeed.size > 0;
  const position = isJudged ? recommended(today, finalists) : null;
  const named = (values: readonly string[]) =>
    Object.fromEntries(dimensions.map(({ name }, at) => [name, values[at]!]));
  const result = {
    ...{ policy, scenarios, tried, judged: isJudged, seeds },
    today: hasToday ? { values: named(dimensions.map((each) => each.today)), ...meanOf(today) } : null,
    choices: sorted(finalists).map((choice) => ({
      values: named(choice.values),
      ...meanOf(choice),
      differences: hasToday
        ? Object.fromEntries(OBJECTIVES.map((objective) => [objective, differenceOf(today, choice, objective)]))
        : null,
      recommended: position !== null && finalists[position] === choice,
    })),
  };
  return `${JSON.stringify(result, null, 2)}\n`;
}
