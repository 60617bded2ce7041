import type { SimulationJob } from '../../compose/simulation-job.ts';
import { escapeControls } from '../../model/text.ts';
import type { SimulationResult } from '../../compose/simulation.ts';
import type { Gain, Pain } from '../../simulation/measure.ts';
import { table } from '../support/table.ts';
import { seconds, size } from '../support/units.ts';

/** A simulation that has finished. */
export interface Finished extends Pick<SimulationJob, 'scenario' | 'seed'> {
  readonly result: SimulationResult;
}

/** A line of the table: what is measured, and how it is written. */
interface Row {
  readonly title: string;
  readonly of: (measured: Pain & Gain) => number | null;
  readonly text: (value: number) => string;
}

const number = (value: number): string => String(Math.round(value * 10) / 10);
const gibHours = (value: number): string => `${number(value)} GiB h`;
const ratio = (value: number): string => value.toFixed(2);
const percent = (value: number): string => `${Math.round(value * 100)} %`;

const PAIN: readonly Row[] = [
  { title: 'guests waited for memory', of: ({ stallS }) => stallS, text: seconds },
  { title: 'read again by guests', of: ({ refaultedKib }) => refaultedKib, text: size },
  { title: 'programs killed in guests', of: ({ guestOomKills }) => guestOomKills, text: number },
  { title: 'guests killed by the host', of: ({ hostOomKills }) => hostOomKills, text: number },
  { title: 'swapped out by the host', of: ({ hostSwapOutKib }) => hostSwapOutKib, text: size },
  { title: 'swapped in by the host', of: ({ hostSwapInKib }) => hostSwapInKib, text: size },
  { title: 'guests below their minimum', of: ({ belowMinS }) => belowMinS, text: seconds },
  { title: 'unfairness of the waiting, 0 to 1', of: ({ unfairness }) => unfairness, text: ratio },
];

const GAIN: readonly Row[] = [
  { title: 'given back by balloons', of: ({ balloonGibH }) => balloonGibH, text: gibHours },
  { title: 'saved by KSM', of: ({ ksmGibH }) => ksmGibH, text: gibHours },
  { title: 'guests that ran, on average', of: ({ guests }) => guests, text: number },
  { title: 'promised to them, of the memory of the host', of: ({ promised }) => promised, text: percent },
  { title: 'balloons moved', of: ({ balloonMoves }) => balloonMoves, text: number },
  { title: 'CPU time of ksmd', of: ({ ksmdCpuS }) => ksmdCpuS, text: seconds },
];

/** One column for each scenario; of several seeds the mean, and the least and the most where they differ. */
export function resultTable(finished: readonly Finished[]): string {
  const scenarios = [...new Set(finished.map(({ scenario }) => scenario))];
  const bySeed = scenarios.map((wanted) => finished.filter(({ scenario }) => scenario === wanted));
  const columns = [
    { title: '', align: 'left' as const },
    ...scenarios.map(({ name }) => ({ title: escapeControls(name), align: 'right' as const })),
  ];
  const lines = (rows: readonly Row[]) => rows.map((row) => [row.title, ...bySeed.map((runs) => cell(row, runs))]);
  const about = [
    ['simulated', ...bySeed.map(([first]) => seconds(first!.result.simulatedS))],
    ['seeds', ...bySeed.map((runs) => runs.map(({ seed }) => seed)).map(seedsText)],
  ];
  const empty = columns.map(() => '');
  return table(columns, [...about, empty, ...lines(PAIN), empty, ...lines(GAIN)]);
}

function seedsText(seeds: readonly number[]): string {
  const [least, most] = [Math.min(...seeds), Math.max(...seeds)];
  return least === most ? String(least) : `${seeds.length}, from ${least} to ${most}`;
}

function cell({ of, text }: Row, runs: readonly Finished[]): string {
  const values = runs.map(({ result }) => of({ ...result.pain, ...result.gain })).filter((value) => value !== null);
  if (values.length === 0) return '-';
  const mean = text(values.reduce((sum, value) => sum + value, 0) / values.length);
  const [least, most] = [text(Math.min(...values)), text(Math.max(...values))];
  return least === most ? mean : `${mean} (${least} to ${most})`;
}

/** Everything that was measured, as one line. */
export function jsonLine({ scenario, seed, result }: Finished): string {
  const { pain, gain, guests, simulatedS } = result;
  return `${JSON.stringify({ scenario: scenario.name, seed, simulated_s: simulatedS, pain, gain, guests })}\n`;
}
