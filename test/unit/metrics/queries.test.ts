import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { METRIC_LIST } from '../../../src/metrics/table.ts';
import { readDashboard } from '../../support/grafana.ts';
import { selectorsIn, unknownNames } from '../../support/promql.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
}

const dashboard = readDashboard();
const rules = (parse(readFileSync('packaging/prometheus/ballast.rules.yaml', 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules); // prettier-ignore
const queries = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => [title, expr] as const),
);
const pages = [
  'docs/metrics.md',
  'docs/shadow.md',
  ...readdirSync('docs/runbook').map((name) => `docs/runbook/${name}`),
];

describe('the names in a query', () => {
  it('are found, and nothing else', () => {
    const query = `histogram_quantile(0.9, sum by (le, "x y") (rate(a_bucket{b=~"c{d}",e!="f"}[5m] offset -1h))) > on (g) group_left (h) (2 * i{}) unless time() - j`;
    expect(selectorsIn(query)).toEqual([
      { metric: 'a_bucket', labels: ['b', 'e'] },
      { metric: 'i', labels: [] },
      { metric: 'j', labels: [] },
    ]);
  });

  it('are those of a metric, with its labels', () => {
    expect(unknownNames('ballast_guest_stuck{domain="a"} + up')).toEqual([]);
    expect(unknownNames('rate(ballast_guest_stuk[5m])')).toEqual(['there is no metric ballast_guest_stuk']);
    expect(unknownNames('ballast_guest_stuck{guest="a"}')).toEqual(['ballast_guest_stuck has no label guest']);
    expect(unknownNames('ballast_interval_seconds')).toEqual(['there is no metric ballast_interval_seconds']);
  });
});

describe('the dashboard', () => {
  it.each(queries)('%s: %s', (_title, query) => {
    expect(selectorsIn(query)).not.toEqual([]);
    expect(unknownNames(query)).toEqual([]);
  });

  it('has variables and annotations of metrics that exist', () => {
    const definitions = dashboard.templating.list.flatMap(({ definition = '' }) => /^label_values\((.*), \w+\)$/.exec(definition)?.[1] ?? []); // prettier-ignore
    expect(definitions).toHaveLength(2);
    for (const query of [...definitions, ...dashboard.annotations.list.map(({ expr }) => expr)])
      expect(unknownNames(query)).toEqual([]);
  });

  it('has panels of their own ids, and legends of labels that exist', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const known = new Set(['job', 'instance', ...METRIC_LIST.flatMap(([, { labels }]) => labels)]);
    for (const { targets = [] } of dashboard.panels)
      for (const { legendFormat = '' } of targets)
        for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(known).toContain(label);
  });

  it('has places for its panels that do not overlap', () => {
    const shown = dashboard.panels.filter(({ type }) => type !== 'row');
    for (const [at, { title, gridPos: one }] of shown.entries()) {
      expect(one.x + one.w, title).toBeLessThanOrEqual(24);
      for (const { title: other, gridPos: two } of shown.slice(at + 1)) {
        const apart = one.x + one.w <= two.x || two.x + two.w <= one.x || one.y + one.h <= two.y || two.y + two.h <= one.y; // prettier-ignore
        expect(apart, `${title} and ${other}`).toBe(true);
      }
    }
  });

  it('links to each page of the runbook from a panel', () => {
    const urls = [...dashboard.links, ...dashboard.panels.flatMap(({ links = [] }) => links)].map(({ url }) => url);
    const linked = new Set(urls.map((url) => url.replace('${runbook:raw}/', '')));
    expect([...linked].toSorted()).toEqual(readdirSync('docs/runbook').toSorted());
    expect(dashboard.templating.list.map(({ name }) => name)).toContain('runbook');
  });

  it('shows every metric, so that none is forgotten', () => {
    const shown = new Set([...queries.map(([, query]) => query), ...dashboard.annotations.list.map(({ expr }) => expr), ...dashboard.templating.list.map(({ definition = '' }) => definition)].flatMap((query) => selectorsIn(query).map(({ metric }) => metric.replace(/_bucket$/, '')))); // prettier-ignore
    // A shadow is an experiment that few hosts run at a time: docs/shadow.md has its queries.
    const usual = METRIC_LIST.filter(([, { group }]) => group !== 'shadow');
    const left = usual.map(([name]) => name).filter((name) => !shown.has(name));
    expect(left).toEqual([
      // What does not change, or is the same in another form.
      'ballast_collect_interval_seconds',
      'ballast_policy_interval_seconds',
      'ballast_last_evaluation_timestamp_seconds',
      'ballast_intervals_total',
      'ballast_evaluations_total',
      'ballast_recording_failures_total',
      'ballast_recording_failing',
    ]);
  });
});

describe('the alerts', () => {
  it.each(rules)('$alert asks for metrics that exist, and has a page', ({ alert, expr, annotations }) => {
    expect(unknownNames(expr)).toEqual([]);
    const page = annotations['runbook_url'] ?? '';
    expect(existsSync(page), page).toBe(true);
    expect(readFileSync(page, 'utf8')).toMatch(new RegExp(`^# ${alert}\n`));
    expect(readFileSync('docs/runbook/README.md', 'utf8')).toContain(`| ${alert} | `);
  });

  it('are those of the runbook', () => {
    const listed = [...readFileSync('docs/runbook/README.md', 'utf8').matchAll(/^\| (Ballast\w+) /gm)];
    expect(listed.map(([, name]) => name).toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted());
  });
});

describe('the pages', () => {
  it.each(pages)('%s names only metrics that exist, and links to files that do', (page) => {
    const text = readFileSync(page, 'utf8');
    for (const [, block = ''] of text.matchAll(/```promql\n([^]*?)```/g))
      for (const query of block.trim().split('\n')) expect(unknownNames(query), query).toEqual([]);
    for (const [, query = ''] of text.matchAll(/`((?:rate\()?ballast_[^`]*)`/g)) {
      const name = /ballast_\w+/.exec(query)![0];
      const known = METRIC_LIST.some(([metric]) => metric === name);
      expect(known, `${name} in ${page}`).toBe(true);
      expect(unknownNames(query).filter((problem) => !problem.endsWith(name))).toEqual([]);
    }
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g))
      expect(existsSync(new URL(target, new URL(page, 'file:///')).pathname.slice(1)), target).toBe(true);
  });
});
