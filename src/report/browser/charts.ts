import { barsOf, bucketsOf, sizeText, type Bucket } from './decode.ts';

/** A part of a chart with its figures in each bucket. */
interface Series {
  readonly name: string;
  /** null: bars, on or off. */
  readonly unit: string | null;
  readonly buckets: readonly Bucket[];
  readonly bars: readonly boolean[];
}

interface Decision {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** The figures of a chart, read from its drawing. */
export interface ChartData {
  readonly count: number;
  readonly series: readonly Series[];
  readonly decisions: readonly Decision[];
}

export function readChart(figure: HTMLElement): ChartData {
  const count = Number(figure.dataset['n']);
  const series = [...figure.querySelectorAll<SVGElement>('svg.data')].flatMap((svg) => seriesOf(svg, count));
  const decisions = [...figure.querySelectorAll<HTMLElement>('li[data-b]')].map((item): Decision => {
    const [from = 0, to = from] = (item.dataset['b'] ?? '').split(' ').map(Number);
    return { from, to, text: (item.textContent ?? '').trim() };
  });
  return { count, series, decisions };
}

function seriesOf({ dataset, children }: SVGElement, count: number): Series[] {
  const { unit = 'on', top = '1' } = dataset;
  const paths = [...children].map((path) => ({
    name: (path as SVGElement).dataset['name'] ?? '',
    d: path.getAttribute('d') ?? '',
  }));
  // Those without a name only decorate.
  const named = paths.filter(({ name }) => name !== '');
  if (unit === 'on') return named.map(({ name, d }) => ({ name, unit: null, buckets: [], bars: barsOf(d, count) }));
  const own = named.map(({ d }) => bucketsOf(d, count, Number(top)));
  if (unit !== 'stack')
    return named.map(({ name }, index) => ({ name, unit, buckets: own[index]!, bars: [] })).reverse();
  // Of a stack, each area is drawn over the one before it: a layer is what it is higher than the next.
  return named.map(({ name }, index) => {
    const buckets = own[index]!.map((bucket, at) => less(bucket, own[index + 1]?.[at]));
    return { name, unit: 'KiB', buckets, bars: [] };
  });
}

function less(bucket: Bucket, next: Bucket | undefined): Bucket {
  if (bucket === null || !next) return bucket;
  return [bucket[0] - next[0], bucket[1] - next[1]];
}

/** What a chart shows in a bucket: a line of figures, then one for each decision. */
export function textAt({ series, decisions }: ChartData, at: number): string {
  const figures = series.flatMap(({ name, unit, buckets, bars }) => {
    if (unit === null) return bars[at] ? [name] : [];
    const bucket = buckets[at];
    return bucket ? [`${name} ${rangeText(bucket, unit)}`] : [];
  });
  const made = decisions.filter(({ from, to }) => from <= at && at <= to).map(({ text }) => text);
  return [figures.length === 0 ? 'nothing is known' : figures.join(', '), ...made].join('\n');
}

function rangeText([low, high]: readonly [number, number], unit: string): string {
  const [from, to] = [low, high].map((value) =>
    unit === 'KiB' ? sizeText(value) : `${Number(value.toPrecision(3))} ${unit}`,
  );
  return from === to ? from! : `${from} to ${to}`;
}

/** The bucket of the next decision in a direction; null: there is none. */
export function nextDecision({ decisions }: ChartData, at: number, direction: -1 | 1): number | null {
  const others = decisions.map(({ from }) => from).filter((from) => (from - at) * direction > 0);
  return others.length === 0 ? null : direction > 0 ? Math.min(...others) : Math.max(...others);
}
