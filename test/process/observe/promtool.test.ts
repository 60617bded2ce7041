import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { countsOf, shadowCountsOf } from '../../../src/metrics/counts.ts';
import { gaugesOf } from '../../../src/metrics/gauges.ts';
import type { ShadowComparison } from '../../../src/model/shadow.ts';
import { MetricsRegistry } from '../../../src/metrics/registry.ts';
import { METRIC_LIST } from '../../../src/metrics/table.ts';
import { guestSnapshot, snapshot, uuidOf } from '../../support/builders.ts';
import { daemonState, METRIC_LAYOUTS, metricsReport } from '../../support/metrics.ts';
import { filledIn, readDashboard } from '../../support/grafana.ts';
import { hasTool, promtool, skipNote } from '../../support/prometheus.ts';

const RULES = 'packaging/prometheus/ballast.rules.yaml';

/** A page with a series of every metric, and with hostile names. */
async function fullPage(): Promise<string> {
  const names = ['web-1', 'a"} 7\nballast_forged 1 # \\', '\u0000\u007f\u2028', '{"x":1}', ''];
  const guests = names.map((name, at) => ({
    ...guestSnapshot(at + 1, [1024, true, false, true, 5, 2048]),
    name,
    uuid: uuidOf(at + 1),
  }));
  const position = { file: 'a "b"\\\n.policy', line: 1, column: 1 };
  const ask = (name: string, value: number, guest: (typeof guests)[number] | null) => ({ name, value, guest, reason: null, position }); // prettier-ignore
  const judgement = {
    evaluated: true,
    decision: {
      requests: [
        ...guests.map((guest) => ask('balloon_target', 512, guest)),
        ...['run', 'pages_to_scan', 'sleep_millisecs', 'merge_across_nodes'].map((name) => ask(`ksm_${name}`, 1, null)),
      ],
      errors: [{ phase: 'eval' as const, message: 'x', position, guest: null }],
    },
    plan: {
      actions: [{ controller: 'balloon', control: 'balloon_target', guest: guests[0]!, from: 1, to: 2, message: '', reason: null, position: null, notes: [], guard: 'pain' }], // prettier-ignore
      held: guests.map((guest) => ({ kind: 'held' as const, controller: 'balloon', control: 'balloon_target', guest, wanted: 1, why: '', guard: 'rhythm' })), // prettier-ignore
    },
  };
  const figures = { floorKib: 1, targetKib: 2, grantedKib: 3 };
  const report = metricsReport({
    snapshot: {
      ...snapshot(1_800_000_000_000, guests, [1, 2, 3, 4, 5, 6, 7, 8]),
      problems: [{ collector: 'x', guest: null, message: '' }],
    },
    judgement,
    outcomes: [{ action: judgement.plan.actions[0]!, status: 'done', detail: null }],
    conditions: () => [{ guard: 'stuck', guest: null, text: '' }],
    figures: () => ({
      host: { reserveKib: 1, grantedKib: 2, reservedKib: 3, spareKib: 4 },
      guests: new Map(guests.map(({ uuid }) => [uuid, figures])),
    }),
  });
  const registry = new MetricsRegistry();
  for (const { name, labels, by } of countsOf(report, METRIC_LAYOUTS.guest)) registry.count(name, labels, by);
  registry.observe('ballast_interval_step_seconds', { step: 'collect' }, 0.02);
  registry.observe('ballast_libvirt_call_seconds', { call: 'DOMAIN_GET_STATE' }, 0.02);
  registry.count('ballast_libvirt_call_failures_total', { call: 'DOMAIN_GET_STATE', outcome: 'timeout' });
  const comparison: ShadowComparison = {
    ...{ timeMs: 0, evaluated: true, same: new Map([['ksm_run', 1]]), differences: [], agreed: [] },
    ...{ holds: new Map([['rhythm', { policy: 0, shadow: 1 }]]), errors: judgement.decision.errors },
  };
  const compared = { timeMs: 0, comparison, skipped: true, moreKib: 1, lessKib: 2, tookMs: 1 };
  for (const { name, labels, by } of shadowCountsOf(compared)) registry.count(name, labels, by);
  const shadow = { policies: [{ policy: 'a "b"\\\n.policy', sha256: '0123456789ab' }], last: compared };
  return registry.render(gaugesOf(daemonState({ last: report, lastEvaluated: { timeMs: 0, judgement }, shadow })));
}

describe(`promtool${skipNote('promtool')}`, () => {
  it.skipIf(!hasTool('promtool'))(
    'finds nothing wrong with the page of metrics, whatever guests are called',
    async () => {
      const page = await fullPage();
      for (const [name] of METRIC_LIST) expect(page).toMatch(new RegExp(`^${name}(_bucket)?[ {]`, 'm'));
      expect(promtool(['check', 'metrics'], page)).toEqual({ code: 0, output: '' });
      // It can fail.
      expect(promtool(['check', 'metrics'], page.replaceAll('ballast_intervals_total', 'ballast_intervals')).code).not.toBe(0); // prettier-ignore
    },
  );

  it.skipIf(!hasTool('promtool'))('accepts the alerts, and their tests pass', () => {
    expect(promtool(['check', 'rules', RULES])).toMatchObject({ code: 0, output: expect.stringContaining('6 rules') });
    expect(promtool(['test', 'rules', RULES.replace('.yaml', '.test.yaml')])).toMatchObject({ code: 0 });
  });

  it.skipIf(!hasTool('promtool'))('accepts every query of the dashboard and of the pages', async () => {
    const { panels, annotations } = readDashboard();
    const page = await readFile('docs/metrics.md', 'utf8');
    const examples = [...page.matchAll(/```promql\n([^]*?)\n```/g)].map(([, query]) => query!);
    expect(examples.length).toBeGreaterThan(4);
    const queries = [...panels.flatMap(({ targets = [] }) => targets), ...annotations.list].map(({ expr }) => expr);
    const rules = [...queries, ...examples].map((query, at) => ({
      record: `query_${at}`,
      expr: filledIn(query),
    }));
    const folder = await mkdtemp(join(tmpdir(), 'ballast-promql-'));
    const file = join(folder, 'rules.yaml');
    await writeFile(file, JSON.stringify({ groups: [{ name: 'queries', rules }] }));
    const { code, output } = promtool(['check', 'rules', file]);
    await rm(folder, { recursive: true });
    expect(output).toContain(`${rules.length} rules found`);
    expect(code).toBe(0);
  });
});
