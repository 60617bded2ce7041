import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { METRIC_LIST, type CounterName, type HistogramName, type MetricName } from './table.ts';

/** Labels by name. */
export type Labels = Readonly<Record<string, string>>;

/** A value of a gauge. */
export interface GaugeSample {
  readonly labels: Labels;
  readonly value: number;
}

/** All gauges that have a value at the moment. */
export type Gauges = ReadonlyMap<MetricName, readonly GaugeSample[]>;

/** Series of one counter or histogram. A daemon has some dozens; the names of policy files of many reloads must not fill the memory. */
const MOST_SERIES = 500;

/** What all further series of a metric are counted under. */
const OTHER = 'other';

type Cumulative = Counter | Histogram;

/** The metrics of {@link METRICS}: counters and histograms that it keeps, and gauges that are set anew in each rendering. */
export class MetricsRegistry {
  readonly #registry = new Registry();
  readonly #gauges = new Map<MetricName, Gauge>();
  readonly #cumulative = new Map<MetricName, { readonly metric: Cumulative; readonly series: Set<string> }>();

  constructor() {
    for (const [name, { type, help, labels, buckets }] of METRIC_LIST) {
      const common = { name, help, labelNames: [...labels], registers: [this.#registry] };
      if (type === 'gauge') this.#gauges.set(name, new Gauge(common));
      else {
        const metric =
          type === 'counter' ? new Counter(common) : new Histogram({ ...common, buckets: [...(buckets ?? [])] });
        this.#cumulative.set(name, { metric, series: new Set() });
      }
    }
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  count(name: CounterName, labels: Labels = {}, by = 1): void {
    const { metric, labels: own } = this.#series(name, labels);
    (metric as Counter).inc(own, by);
  }

  observe(name: HistogramName, labels: Labels, seconds: number): void {
    const { metric, labels: own } = this.#series(name, labels);
    (metric as Histogram).observe(own, seconds);
  }

  /**
   * Prometheus' text format. Gauges without a value in `gauges` have no series. Yields to the event loop between the metrics:
   * with a thousand guests each takes a millisecond. Must not be called again before it has resolved.
   */
  async render(gauges: Gauges): Promise<string> {
    const parts: string[] = [];
    for (const [name] of METRIC_LIST) {
      const gauge = this.#gauges.get(name);
      if (gauge !== undefined) {
        const samples = gauges.get(name) ?? [];
        // A gauge without labels would have the value 0.
        if (samples.length === 0) continue;
        gauge.reset();
        for (const { labels, value } of samples) gauge.set(labels, value);
      }
      parts.push(await this.#registry.getSingleMetricAsString(name));
      gauge?.reset();
      await yieldToEventLoop();
    }
    return `${parts.join('\n\n')}\n`;
  }

  #series(name: MetricName, labels: Labels): { readonly metric: Cumulative; readonly labels: Labels } {
    const { metric, series } = this.#cumulative.get(name)!;
    const key = JSON.stringify(labels);
    if (series.has(key)) return { metric, labels };
    if (series.size >= MOST_SERIES)
      return { metric, labels: Object.fromEntries(Object.keys(labels).map((label) => [label, OTHER])) };
    series.add(key);
    return { metric, labels };
  }
}
