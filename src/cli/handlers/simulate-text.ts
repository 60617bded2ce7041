import type { SimulationJob } from '../../compose/simulation-job.ts';
import type { SimulationResult } from '../../compose/simulation.ts';
import { MEASURES, type Measure } from '../../comparison/measures.ts';
import { escapeControls } from '../../model/text.ts';
import { measureText } from '../../report/measure-text.ts';
import { table } from '../support/table.ts';
import { seconds, size } from '../support/units.ts';

/** A simulation that has finished. */
export interface Finished extends Pick<SimulationJob, 'scenario' | 'seed'> {
  readonly result: SimulationResult;
}

/** One column for each scenario; of several seeds the mean, and the least and the most where they differ. */
export function resultTable(finished: readonly Finished[]): string {
  const scenarios = [...new Set(finished.map(({ scenario }) => scenario))];
  const bySeed = scenarios.map((wanted) => finished.filter(({ scenario }) => scenario === wanted));
  const columns = [
    { title: '', align: 'left' as const },
    ...scenarios.map(({ name }) => ({ title: escapeControls(name), align: 'right' as const })),
  ];
  const lines = (isPain: boolean) =>
    MEASURES.filter(({ kind }) => (kind === 'pain') === isPain).map((measure) => [
      measure.title,
      ...bySeed.map((runs) => cell(measure, runs)),
    ]);
  const about = [
    ['simulated', ...bySeed.map(([first]) => seconds(first!.result.simulatedS))],
    ['seeds', ...bySeed.map((runs) => seedsText(runs.map(({ seed }) => seed)))],
  ];
  const empty = columns.map(() => '');
  return table(columns, [
    ...about,
    empty,
    ...lines(true),
    empty,
    ...lines(false),
    empty,
    ['left in the tightest second, at best', ...bySeed.map(roomText)],
  ]);
}

/** Of the seed with the least room. */
function roomText(runs: readonly Finished[]): string {
  const rooms = runs.flatMap(({ result: { bound } }) => (bound === null ? [] : [bound.headroomKib]));
  if (rooms.length === 0) return '-';
  const least = Math.min(...rooms);
  return least < 0 ? `-${size(-least)}` : size(least);
}

/** `3`, or `5, from 1 to 5`. */
export function seedsText(seeds: readonly number[]): string {
  const [least, most] = [Math.min(...seeds), Math.max(...seeds)];
  return least === most ? String(least) : `${seeds.length}, from ${least} to ${most}`;
}

function cell(measure: Measure, runs: readonly Finished[]): string {
  const values = runs.map(({ result }) => measure.of(result)).filter((value) => value !== null);
  if (values.length === 0) return '-';
  const text = (value: number): string => measureText(measure, value);
  const mean = text(values.reduce((sum, value) => sum + value, 0) / values.length);
  const [least, most] = [text(Math.min(...values)), text(Math.max(...values))];
  return least === most ? mean : `${mean} (${least} to ${most})`;
}

/** Everything that was measured, as one line. */
export function jsonLine({ scenario, seed, result }: Finished): string {
  const { pain, gain, guests, bound, simulatedS } = result;
  return `${JSON.stringify({ scenario: scenario.name, seed, simulated_s: simulatedS, pain, gain, bound, guests })}\n`;
}
