import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import {
  legendOf,
  seriesOf,
  type Annotation,
  type Dashboard,
  type FieldConfig,
  type Panel,
  type Series,
  type Span,
  type Target,
} from '../../test/support/grafana.ts';
import type { PrometheusServer } from '../../test/support/prometheus-server.ts';

/** A line, a row or a value of a panel. */
interface DrawnSeries {
  readonly name: string;
  readonly labels: Series['labels'];
  readonly values: Series['values'];
  /** What overrides say, by their ids. */
  readonly properties: Readonly<Record<string, unknown>>;
}

interface DrawnPanel {
  readonly type: Panel['type'];
  readonly title: string;
  readonly gridPos: Panel['gridPos'];
  readonly defaults: FieldConfig;
  readonly series: readonly DrawnSeries[];
  /** Of a table: the labels that it shows, with their titles. */
  readonly columns: readonly (readonly [label: string, title: string])[];
}

/** What the page draws. Times are seconds since the epoch. */
export interface Drawing {
  readonly startS: number;
  readonly endS: number;
  readonly stepS: number;
  readonly panels: readonly DrawnPanel[];
  readonly annotations: readonly { readonly timeS: number; readonly title: string }[];
}

type Api = PrometheusServer['api'];

/** The picture is for a page: what an operator looks at first. */
const ROWS = ['Now', 'Guests: who lacks memory, who gives it, what is held back', 'The host', 'Decisions'];

/** The panels of the picture. @throws Error for a row that the dashboard has no longer */
export function shownPanels({ panels }: Dashboard): readonly Panel[] {
  return ROWS.flatMap((title) => {
    const from = panels.findIndex((panel) => panel.type === 'row' && panel.title === title);
    if (from < 0) throw new Error(`the dashboard has no row "${title}"`);
    const next = panels.findIndex(({ type }, at) => type === 'row' && at > from);
    return panels.slice(from, next < 0 ? undefined : next);
  });
}

/** Of the text in the PNG that has the {@link fingerprint}. */
export const KEYWORD = 'Dashboard';

/** Tells a picture of these panels from one of others. */
export function fingerprint(dashboard: Dashboard): string {
  return createHash('sha256')
    .update(JSON.stringify(shownPanels(dashboard)))
    .digest('hex');
}

/** Asks a Prometheus for everything that the picture shows of a span. @throws Error for a query without series */
export async function drawingOf(dashboard: Dashboard, api: Api, span: Span): Promise<Drawing> {
  const panels = await Promise.all(shownPanels(dashboard).map((panel) => drawnPanel(panel, api, span)));
  const annotations = await Promise.all(dashboard.annotations.list.map((annotation) => marks(annotation, api, span)));
  const { startMs, endMs, stepS } = span;
  return { startS: startMs / 1000, endS: endMs / 1000, stepS, panels, annotations: annotations.flat() };
}

async function drawnPanel(panel: Panel, api: Api, span: Span): Promise<DrawnPanel> {
  const { type, title, gridPos, targets = [], fieldConfig } = panel;
  const series = await Promise.all(targets.map((target) => drawnSeries(panel, target, api, span)));
  return {
    type,
    title,
    gridPos,
    defaults: fieldConfig?.defaults ?? {},
    series: series.flat(),
    columns: columnsOf(panel),
  };
}

async function drawnSeries(panel: Panel, target: Target, api: Api, span: Span): Promise<readonly DrawnSeries[]> {
  const found = await seriesOf(api, target, span);
  if (found.length === 0) throw new Error(`the panel "${panel.title}" has no series for ${target.expr}`);
  return found.map((series) => {
    const name = legendOf(target, series);
    const matching = (panel.fieldConfig?.overrides ?? []).filter(({ matcher }) => regExpOf(matcher.options).test(name));
    const properties = Object.fromEntries(
      matching.flatMap((override) => override.properties.map(({ id, value }) => [id, value] as const)),
    );
    return { name, labels: series.labels, values: series.values, properties };
  });
}

/** A regular expression of Grafana is written with slashes. */
function regExpOf(text: string): RegExp {
  return new RegExp(text.replaceAll(/^\/|\/$/g, ''));
}

function columnsOf({ transformations = [] }: Panel): DrawnPanel['columns'] {
  return transformations.flatMap(({ options: { indexByName, renameByName } }) =>
    Object.keys(indexByName).map((label) => [label, renameByName[label] ?? label] as const),
  );
}

/** A mark where a series of an annotation begins, but not at the beginning of the span, where all of them do. */
async function marks({ expr, titleFormat }: Annotation, api: Api, span: Span): Promise<Drawing['annotations']> {
  const target = { refId: 'A', expr, legendFormat: titleFormat };
  const found = await seriesOf(api, target, span);
  return found.flatMap((series) =>
    series.values
      .filter(([timeS], at) => at === 0 || timeS - series.values[at - 1]![0] > span.stepS)
      .map(([timeS]) => ({ timeS, title: legendOf(target, series) })),
  );
}

const { resolve } = createRequire(import.meta.url);
const uPlotFile = (name: string): string => readFileSync(resolve(`uplot/dist/${name}`), 'utf8');

/** A page that draws it, in one file. */
export function pageOf(drawing: Drawing): string {
  const own = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
  // A "<" in a text must not end the script.
  const data = JSON.stringify(drawing).replaceAll('<', '\\u003c');
  return `<!doctype html><meta charset="utf-8"><style>${uPlotFile('uPlot.min.css')}${own('dashboard.css')}</style>
<body><script>${uPlotFile('uPlot.iife.min.js')}</script><script>const DRAWING = ${data};
${own('dashboard-client.js')}</script>`;
}
