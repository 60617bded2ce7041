import { METRIC_LIST } from '../../src/metrics/table.ts';

/** A series selector of a query: the metric, and the labels that its matchers name. */
export interface Selector {
  readonly metric: string;
  readonly labels: readonly string[];
}

const TEXT = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g;
const WORDS = new Set(['and', 'or', 'unless', 'by', 'without', 'on', 'ignoring', 'group_left', 'group_right', 'bool', 'offset', 'inf', 'nan']); // prettier-ignore

/** The selectors of a PromQL query. What is in texts, durations, label lists and names of functions is none. */
export function selectorsIn(query: string): readonly Selector[] {
  const plain = query
    .replaceAll(TEXT, '""')
    .replaceAll(/\[[^\]]*\]/g, ' ')
    .replaceAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ')
    .replaceAll(/\boffset\s+-?\w+/g, ' ');
  return [...plain.matchAll(/(?<![\w.:$])([A-Za-z_:][\w:]*)\s*(\(|\{[^}]*\})?/g)].flatMap(
    ([, name = '', after = '']) => {
      if (after === '(' || WORDS.has(name.toLowerCase())) return [];
      const labels = [...after.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label!);
      return [{ metric: name, labels }];
    },
  );
}

/** The names of all series that Ballast has, with the labels of each. */
const METRIC_NAMES: ReadonlyMap<string, readonly string[]> = new Map(
  METRIC_LIST.flatMap(([name, { type, labels }]) =>
    type === 'histogram'
      ? [[`${name}_bucket`, [...labels, 'le']], ...['_sum', '_count'].map((end) => [`${name}${end}`, labels] as const)]
      : [[name, labels]],
  ) as readonly (readonly [string, readonly string[]])[],
);

/** What Prometheus adds to every series. */
const TARGET_LABELS = ['job', 'instance', 'host'];

/** Of other exporters, which the pages and the dashboard join with. */
const OTHERS = /^(?:up|node_(?:ksmd|memory|vmstat)_\w+|libvirt_domain_info_\w+)$/;

/** What is wrong with the names in a query; empty: nothing. */
export function unknownNames(query: string): readonly string[] {
  return selectorsIn(query).flatMap(({ metric, labels }) => {
    if (OTHERS.test(metric)) return [];
    const own = METRIC_NAMES.get(metric);
    if (own === undefined) return [`there is no metric ${metric}`];
    return labels
      .filter((label) => !own.includes(label) && !TARGET_LABELS.includes(label))
      .map((label) => `${metric} has no label ${label}`);
  });
}
