import type { Range } from '../../analysis/columns.ts';
import type { Analysis } from '../../analysis/recording-analysis.ts';
import type { HostReading } from '../../analysis/readings.ts';
import { count, percent, share, size } from '../figures.ts';
import { html, type Html } from '../html.ts';
import { areaPath, rangePath } from '../svg-path.ts';
import { percentAxis, sizeAxis } from '../times.ts';
import { chartFigure, legendOf, type Axis, type Band, type Series } from './frame.ts';

interface Layer {
  readonly style: string;
  readonly name: string;
  /** null: the layer does not exist on this host; its figure may also be unknown at times. */
  readonly of: (reading: HostReading) => number | null;
}

/** From the bottom. The last two are memory that is not in the host: it would be needed otherwise. */
const LAYERS: readonly Layer[] = [
  { style: 'guests', name: 'guests, resident', of: ({ guestsKib }) => guestsKib },
  { style: 'huge', name: 'huge pages', of: ({ hugePagesKib }) => hugePagesKib },
  { style: 'other', name: 'other programs and kernel', of: ({ otherKib }) => otherKib },
  { style: 'cache', name: 'page cache', of: ({ cacheKib }) => cacheKib },
  { style: 'free', name: 'free', of: ({ freeKib }) => freeKib },
  { style: 'saved', name: 'saved by KSM', of: ({ savedKib }) => savedKib },
  { style: 'swap', name: 'in swap', of: ({ swapKib }) => swapKib },
];
/** Layers that are left out of the picture where they are never more than nothing. */
const RARE: ReadonlySet<string> = new Set(['huge', 'saved', 'swap']);

const HEIGHT = 260;

export function hostChart({ host }: Analysis, axis: Axis): Html {
  const layers = LAYERS.filter(
    ({ style, of }) => !RARE.has(style) || host.moments.some((each) => each && (of(each) ?? 0) > 0),
  );
  // A moment is drawn only where its memory is known: a stack with a part missing would show less than there was.
  const sums = host.moments.map((reading) => (reading === null ? null : sumsOf(reading, layers)));
  const most = sums.reduce((top, stack) => Math.max(top, stack?.at(-1) ?? 0), host.totalKib ?? 0);
  const { top, ticks } = sizeAxis(most, 4);
  const drawn = layers
    .map(({ style, name }, at): Series => {
      const values = sums.map((stack) => stack?.[at] ?? null);
      return { style, name, path: areaPath(values, top) };
    })
    .reverse();
  const total = host.moments.map((reading) => reading?.totalKib ?? null);
  const line: Series = {
    style: 'total',
    name: 'total',
    path: rangePath({ lows: total, highs: total }, top),
    isDecoration: true,
  };
  const { tightest } = host;
  return chartFigure(
    {
      ...{ id: 'host', height: HEIGHT, title: html`<h2>Host memory</h2>` },
      label: `Memory of the host over time, stacked: ${layers.map(({ name }) => name).join(', ')}`,
      legend: legendOf([
        ...layers.map(({ style, name }) => ({ style, text: name })),
        { style: 'total', text: 'memory of the host' },
      ]),
      bands: [
        {
          y: 4,
          height: HEIGHT - 4,
          top,
          unit: 'stack',
          series: [...drawn, line],
          ticks: ticks.map((value) => ({ value, label: size(value) })),
        },
      ],
      note:
        tightest === null
          ? 'How much memory could be handed out was never known.'
          : `Least that could be handed out: ${size(tightest.reading.allocatableKib)} (${share(tightest.reading.allocatableKib, tightest.reading.totalKib)}) at ${axis.times.short(tightest.timeMs)}. Each column is the moment in it with the least.`,
    },
    axis,
  );
}

/** The top of each layer; null: a figure is unknown that other layers stand on. */
function sumsOf(reading: HostReading, layers: readonly Layer[]): readonly number[] | null {
  let sum = 0;
  const sums: number[] = [];
  for (const { style, of } of layers) {
    const kib = of(reading);
    if (kib === null && !RARE.has(style)) return null;
    sum += kib ?? 0;
    sums.push(sum);
  }
  return sums;
}

/** What KSM saves, and what it costs. */
export function ksmChart({ host }: Analysis, axis: Axis): Html | null {
  const known = (values: readonly (number | null)[]) => values.filter((value) => value !== null);
  const saved = known(host.saved.highs);
  const cpu = known(host.ksmdPercent.highs);
  if (saved.length === 0 && cpu.length === 0) return null;
  const changes = host.episodes.reduce((sum, { writes }) => sum + writes, 0);
  const bands = [savedBand(host.saved, saved), ksmdBand(host.ksmdPercent, cpu)].filter((band) => band !== null);
  const height = Math.max(...bands.map((band) => band.y + band.height));
  const texts = [
    saved.length === 0 ? 'What KSM saved was never known' : `At most ${size(Math.max(...saved))} saved`,
    cpu.length === 0
      ? 'the CPU time of ksmd was never known'
      : `ksmd took up to ${percent(Math.max(...cpu))} of one CPU`,
    changes === 0 ? 'no setting was changed' : `settings were changed ${count(changes, 'time')}`,
  ];
  return chartFigure(
    {
      ...{ id: 'ksm', height, bands, title: html`<h2>KSM: what it saves and what it costs</h2>` },
      label: 'Memory saved by KSM over time, and below it the CPU time of ksmd in percent of one CPU',
      legend: legendOf([
        ...(saved.length === 0 ? [] : [{ style: 'saved', text: 'saved' }]),
        ...(cpu.length === 0 ? [] : [{ style: 'ksmd', text: 'ksmd, percent of one CPU' }]),
      ]),
      note: `${texts.join('; ')}.`,
    },
    axis,
  );
}

function savedBand(range: Range, known: readonly number[]): Band | null {
  if (known.length === 0) return null;
  const { top, ticks } = sizeAxis(Math.max(1024, ...known), 2);
  return {
    ...{ y: 4, height: 90, top, unit: 'KiB', ticks: ticks.map((value) => ({ value, label: size(value) })) },
    series: [{ style: 'saved line', name: 'saved', path: rangePath(range, top) }],
  };
}

function ksmdBand(range: Range, known: readonly number[]): Band | null {
  if (known.length === 0) return null;
  const { top, ticks } = percentAxis(Math.max(1, ...known));
  return {
    ...{ y: 106, height: 62, top, unit: '%', ticks: ticks.slice(-2).map((value) => ({ value, label: `${value} %` })) },
    series: [{ style: 'ksmd line', name: 'ksmd', path: rangePath(range, top) }],
  };
}

/** How long programs of the host waited for memory. */
export function pressureChart({ host }: Analysis, axis: Axis): Html | null {
  const values = host.pressurePercent.highs.filter((value) => value !== null);
  if (values.length === 0) return null;
  const most = Math.max(...values);
  if (most === 0)
    return html`<section id="pressure">
      <h2>Memory pressure of the host</h2>
      <p>No program of the host waited for memory.</p>
    </section>`;
  const { top, ticks } = percentAxis(Math.max(1, most));
  return chartFigure(
    {
      ...{ id: 'pressure', height: 66, title: html`<h2>Memory pressure of the host</h2>` },
      label: 'Share of the time in which a program of the host waited for memory, average of 10 seconds',
      legend: legendOf([
        { style: 'pressure', text: 'time in which a program waited for memory (PSI some, average of 10 s)' },
      ]),
      bands: [
        {
          ...{
            y: 4,
            height: 62,
            top,
            unit: '%',
            series: [
              { style: 'pressure line', name: 'waiting for memory', path: rangePath(host.pressurePercent, top) },
            ],
          },
          ticks: ticks.slice(-2).map((value) => ({ value, label: `${value} %` })),
        },
      ],
      note: `Highest: ${percent(most)}.`,
    },
    axis,
  );
}
