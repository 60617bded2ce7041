import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { legendOf, readDashboard, seriesOf, type Target } from '../../support/grafana.ts';
import { NIGHT_SPAN, nightPrometheus } from '../../support/night/night-prometheus.ts';
import { hasTool, skipNote } from '../../support/prometheus.ts';
import type { PrometheusServer } from '../../support/prometheus-server.ts';

const { panels, annotations } = readDashboard();
const queries: readonly (Target & { readonly panel: string; readonly repeat?: string })[] = [
  ...panels.flatMap(({ title, repeat = '', targets = [] }) =>
    targets.map((target) => ({ panel: title, repeat, ...target })),
  ),
  ...annotations.list.map(({ name, expr }) => ({ panel: `the annotation ${name}`, refId: 'A', expr })),
];

describe.skipIf(!hasTool('prometheus'))(`a Prometheus that scraped a night of trouble${skipNote('prometheus')}`, () => {
  let prometheus: PrometheusServer;
  beforeAll(async () => {
    prometheus = await nightPrometheus();
  }, 120_000);
  afterAll(() => prometheus?.stop());

  it.each(queries.map((target) => [target.panel, target.expr, target] as const))(
    'has series for %s: %s',
    async (_panel, _expr, target) => {
      const series = await seriesOf(prometheus.api, target, NIGHT_SPAN);
      expect(series.flatMap(({ values }) => values).length).toBeGreaterThan(0);
      // Two lines of one name in one panel could not be told apart.
      const names = series.map((each) => `${each.labels[target.repeat ?? ''] ?? ''} ${legendOf(target, each)}`);
      if (target.legendFormat !== undefined) expect(new Set(names).size, names.join()).toBe(series.length);
    },
  );

  it('has ended series where their guests or holds have ended', async () => {
    const expr = 'count by (instance) (ballast_guest_held) > sum by (instance) (ballast_guests_running)';
    expect(await seriesOf(prometheus.api, { refId: 'A', expr }, NIGHT_SPAN)).toEqual([]);
  });
});
