import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The parts of a dashboard of Grafana that ours uses. */
export interface Dashboard {
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
  readonly annotations: { readonly list: readonly Annotation[] };
  readonly links: readonly Link[];
}

export interface Link {
  readonly title: string;
  readonly url: string;
}

export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly label?: string;
  readonly query?: string | { readonly query: string };
  readonly definition?: string;
}

export interface Annotation {
  readonly name: string;
  readonly expr: string;
  readonly titleFormat: string;
  readonly iconColor: string;
}

export interface Panel {
  readonly id: number;
  readonly type: 'row' | 'stat' | 'timeseries' | 'state-timeline' | 'table';
  readonly title: string;
  readonly description?: string;
  /** Of a row that is collapsed. */
  readonly panels?: readonly Panel[];
  /** The variable for each of whose values there is one. */
  readonly repeat?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly Target[];
  readonly links?: readonly Link[];
  /** Of tables: which labels are columns, in which order. */
  readonly transformations?: readonly {
    readonly options: {
      readonly indexByName: Readonly<Record<string, number>>;
      readonly renameByName: Readonly<Record<string, string>>;
    };
  }[];
  readonly fieldConfig?: { readonly defaults: FieldConfig; readonly overrides: readonly Override[] };
}

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat?: string;
  readonly instant?: boolean;
}

export interface FieldConfig {
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  readonly thresholds?: { readonly steps: readonly { readonly color: string; readonly value: number | null }[] };
  readonly mappings?: readonly {
    readonly options: Readonly<Record<string, { readonly text: string; readonly color: string }>>;
  }[];
  readonly custom?: {
    readonly fillOpacity?: number;
    readonly stacking?: { readonly mode: 'none' | 'normal' };
    readonly thresholdsStyle?: { readonly mode: string };
  };
}

/** Properties of the series whose shown name has the regular expression of `byRegexp`. */
export interface Override {
  readonly matcher: { readonly id: 'byRegexp' | 'byName'; readonly options: string };
  readonly properties: readonly { readonly id: string; readonly value: unknown }[];
}

export const DASHBOARD_FILE = fileURLToPath(new URL('../../packaging/grafana/ballast.json', import.meta.url));

/** With the panels of collapsed rows among the others. */
export function readDashboard(): Dashboard {
  const read = JSON.parse(readFileSync(DASHBOARD_FILE, 'utf8')) as Dashboard;
  return { ...read, panels: read.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]) };
}

/** A query with the variables that Grafana fills in: all hosts and guests, and a scrape every 15 s. */
export function filledIn(query: string, rangeS = 3600): string {
  return query
    .replaceAll('$__rate_interval', '1m')
    .replaceAll('$__range', `${rangeS}s`)
    .replaceAll(/\$(instance|domain)\b/g, '.*');
}

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** [seconds since the epoch, value] */
  readonly values: readonly (readonly [number, number])[];
}

export interface Span {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepS: number;
}

type Api = (path: string) => Promise<unknown>;

interface Answer {
  readonly result: readonly {
    readonly metric: Record<string, string>;
    readonly value?: readonly [number, string];
    readonly values?: readonly (readonly [number, string])[];
  }[];
}

/** What a panel gets for a target: a point at the end for a table, else the course. @throws Error with the message of Prometheus */
export async function seriesOf(
  api: Api,
  { expr, instant }: Target,
  { startMs, endMs, stepS }: Span,
): Promise<readonly Series[]> {
  const query = new URLSearchParams({ query: filledIn(expr, (endMs - startMs) / 1000) });
  if (instant) query.set('time', String(endMs / 1000));
  else for (const [key, value] of Object.entries({ start: startMs / 1000, end: endMs / 1000, step: stepS })) query.set(key, String(value)); // prettier-ignore
  const { result } = (await api(`${instant ? 'query' : 'query_range'}?${query}`)) as Answer;
  return result.map(({ metric, value, values = value === undefined ? [] : [value] }) => ({
    labels: metric,
    values: values.map(([time, text]) => [time, Number(text)] as const),
  }));
}

/** The name of a series as the legend shows it. */
export function legendOf({ legendFormat = '' }: Target, { labels }: Series): string {
  return legendFormat.replaceAll(/\{\{(\w+)\}\}/g, (_all, label: string) => labels[label] ?? '').trim();
}
