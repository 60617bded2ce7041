import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { hasTool, skipNote, startPrometheus } from '../../support/prometheus.ts';
import { runningDaemon, sharedHost } from '../../support/running-daemon.ts';

const HALVE = '(with Guests g (g.Control "balloon_target" (* 0.5 g.balloon_max)))';
const HOSTILE = 'a"} 7\n# \\';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-scraped-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe(`a real Prometheus${skipNote('prometheus')}`, () => {
  it.skipIf(!hasTool('prometheus'))(
    'scrapes a daemon: guests come and go, and the alerts can be evaluated',
    async () => {
      const port = await freePort();
      const host = await sharedHost(folder, [{ name: 'db-1', maximumKib: 2_097_152 }, { name: HOSTILE }]);
      const listen = { kind: 'tcp', host: '127.0.0.1', port } as const;
      await runningDaemon(host, HALVE, { metrics: { listen } });
      const { query, api } = await startPrometheus(`127.0.0.1:${port}`, [
        resolve('packaging/prometheus/ballast.rules.yaml'),
      ]);
      const until = (promql: string, holds: (values: readonly number[]) => boolean) =>
        eventually(async () => {
          const found = await query(promql);
          expect(holds(found.map(({ value }) => value)), `${promql}: ${JSON.stringify(found)}`).toBe(true);
          return found;
        });

      await until('up{job="ballast"}', ([value]) => value === 1);
      await until('ballast_guest_target_bytes{domain="db-1"}', ([value]) => value === 2 ** 30);
      // The name arrives as it is.
      const info = await until('ballast_guest_info', ({ length }) => length === 2);
      expect(info.map(({ metric }) => metric['domain']).toSorted()).toEqual([HOSTILE, 'db-1']);
      const joined = await query('ballast_guest_floor_bytes * on (host, domain) group_left (uuid) ballast_guest_info');
      expect(joined.map(({ metric }) => metric['uuid']?.length)).toEqual([36, 36]);
      await until('rate(ballast_intervals_total[10s])', ([value = 0]) => value > 1);
      await until('sum by (class) (ballast_decisions_total)', ([value = 0]) => value > 0);
      await until('histogram_quantile(0.5, sum by (le) (rate(ballast_interval_seconds_bucket[10s])))', ([value = 0]) => value > 0); // prettier-ignore

      host.fake.destroyGuest('db-1');
      await until('ballast_guest_info', ({ length }) => length === 1);
      const { groups } = (await api('rules')) as { groups: { rules: { name: string; health: string }[] }[] };
      expect(groups[0]!.rules.map(({ name, health }) => `${name} ${health}`)).toEqual([
        'BallastNoInterval ok',
        'BallastGuestStuck ok',
        'BallastHostBudgetExhausted ok',
        'BallastGuestInPain ok',
        'BallastPolicyErrors ok',
        'BallastForeignWriter ok',
      ]);
    },
  );
});
