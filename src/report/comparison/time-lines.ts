import type { Comparison, ComparedScenario, HostSeries, Run } from '../../comparison/comparison.ts';
import type { Html } from '../html.ts';
import { html } from '../html.ts';
import { chartFigure, legendOf, timesDefinition, type Band, type Series, type TimeAxis } from '../charts/frame.ts';
import { percent, size } from '../figures.ts';
import { areaPath, barsPath } from '../svg-path.ts';
import { percentAxis, sizeAxis } from '../times.ts';
import { virtualTicks } from './virtual-ticks.ts';

/** From the bottom. The last two are not in the memory of the host: they would be needed otherwise. */
const LAYERS = [
  { style: 'guests', name: 'guests', of: ({ guestsKib }: HostSeries) => guestsKib },
  { style: 'other', name: 'other programs and kernel', of: ({ otherKib }: HostSeries) => otherKib },
  { style: 'cache', name: 'page cache', of: ({ cacheKib }: HostSeries) => cacheKib },
  { style: 'free', name: 'free', of: ({ freeKib }: HostSeries) => freeKib },
  { style: 'saved', name: 'saved by KSM', of: ({ savedKib }: HostSeries) => savedKib },
  { style: 'swap', name: 'in swap', of: ({ swapKib }: HostSeries) => swapKib },
] as const;

/** Pixels: the memory of the host, the time that guests waited, and marks of what was killed. */
const MEMORY = 110;
const GAP = 18;
const WAITING = 34;
const KILLED = 5;

export const TIME_LINES_LEGEND = legendOf([
  ...LAYERS.map(({ style, name }) => ({ style, text: name })),
  { style: 'pain', text: 'waiting of the guests, share of their time' },
  { style: 'failed', text: 'killed by an OOM killer' },
]);

/** What the host's memory and the guests' waiting did over time, of each policy with its first seed. */
export function timeLines(comparison: Comparison, scenario: ComparedScenario, id: string, most: number): Html | null {
  const runs = comparison.policies.flatMap((policy) =>
    comparison.runs.filter((run) => run.scenario === scenario.name && run.policy === policy).slice(0, 1),
  );
  if (runs.length === 0) return null;
  const lines = runs.map((run) => ({ run, series: coarser(run.measured.series, most) }));
  const steps = Math.max(...lines.map(({ series }) => series.guestsKib.length));
  const { stepS } = lines[0]!.series;
  const axis: TimeAxis = {
    buckets: { fromMs: 0, widthMs: stepS * 1000, count: steps },
    spanMs: scenario.durationS * 1000,
    timesId: `${id}-times`,
  };
  const memory = sizeAxis(Math.max(...lines.flatMap(({ series }) => stack(series).at(-1)!)), 3);
  const waiting = percentAxis(Math.max(1, ...lines.flatMap(({ series }) => waitingPercent(series))));
  return html`<div class="lines" data-from="0" data-width="${axis.spanMs}" data-clock="virtual">
    ${timesDefinition(axis, virtualTicks(scenario.durationS, 6))}
    <div class="grid">
      ${lines.map(({ run, series }, at) => timeLine(run, series, { id: `${id}-${at}`, axis, memory, waiting }))}
    </div>
  </div>`;
}

interface Scales {
  readonly id: string;
  readonly axis: TimeAxis;
  readonly memory: ReturnType<typeof sizeAxis>;
  readonly waiting: ReturnType<typeof percentAxis>;
}

function timeLine({ policy, seed, scenario }: Run, series: HostSeries, { id, axis, memory, waiting }: Scales): Html {
  const stacked = stack(series);
  const layers = LAYERS.flatMap(({ style, name, of }, at): Series[] =>
    of(series).some((kib) => kib > 0) ? [{ style, name, path: areaPath(stacked[at]!, memory.top) }] : [],
  ).reverse();
  const waits = waitingPercent(series);
  const most = Math.max(...waits);
  const isKilled = series.kills.map((kills) => kills > 0);
  const killed = series.kills.reduce((sum, kills) => sum + kills, 0);
  const bands: readonly Band[] = [
    {
      ...{ y: 0, height: MEMORY, top: memory.top, unit: 'stack', series: layers },
      ticks: memory.ticks.map((value) => ({ value, label: size(value) })),
    },
    {
      ...{ y: MEMORY + GAP, height: WAITING, top: waiting.top, unit: '%' },
      series: [{ style: 'pain', name: 'guests waiting', path: areaPath(waits, waiting.top) }],
      ticks: waiting.ticks.slice(-1).map((value) => ({ value, label: `${value} %` })),
    },
    {
      ...{ y: MEMORY + GAP + WAITING + 2, height: KILLED, top: 1, unit: 'on' },
      series: [{ style: 'failed', name: 'something was killed', path: barsPath(isKilled) }],
    },
  ];
  return chartFigure(
    {
      ...{ id, bands, height: MEMORY + GAP + WAITING + KILLED + 3, title: html`<h4>${policy}</h4>`, legend: null },
      label: `Memory of the host and waiting of the guests over time in ${scenario} with ${policy}`,
      note: [
        `Seed ${seed}. Least free ${size(Math.min(...series.freeKib))}, most in swap ${size(Math.max(...series.swapKib))}`,
        most === 0 ? 'nobody waited' : `guests waited up to ${percent(most)} of their time`,
        ...(killed > 0 ? [`${killed} killed`] : []),
      ].join('; '),
    },
    axis,
  );
}

/** The top of each layer. */
function stack(series: HostSeries): readonly (readonly number[])[] {
  let below = series.guestsKib.map(() => 0);
  return LAYERS.map(({ of }) => (below = of(series).map((kib, at) => kib + below[at]!)));
}

function waitingPercent({ stallS, ranS }: HostSeries): readonly number[] {
  return stallS.map((stall, at) => (ranS[at] === 0 ? 0 : (stall / ranS[at]!) * 100));
}

/** The same with longer steps, so that there are at most so many. */
function coarser(series: HostSeries, most: number): HostSeries {
  const merge = Math.ceil(series.guestsKib.length / most);
  if (merge <= 1) return series;
  const groups = (values: readonly number[]): number[][] =>
    Array.from({ length: Math.ceil(values.length / merge) }, (_, at) => values.slice(at * merge, (at + 1) * merge));
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const sums = (values: readonly number[]) => groups(values).map(sum);
  const means = (values: readonly number[]) => groups(values).map((group) => sum(group) / group.length);
  const { guestsKib, otherKib, cacheKib, freeKib, savedKib, swapKib, ranS, stallS, kills, stepS } = series;
  return {
    ...{ stepS: stepS * merge, guestsKib: means(guestsKib), otherKib: means(otherKib), cacheKib: means(cacheKib) },
    ...{ freeKib: means(freeKib), savedKib: means(savedKib), swapKib: means(swapKib) },
    ...{ ranS: sums(ranS), stallS: sums(stallS), kills: sums(kills) },
  };
}
