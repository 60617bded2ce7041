import { startServer, untilReady, type PrometheusServer } from '../prometheus-server.ts';
import type { Span } from '../grafana.ts';
import { NIGHT_END_MS, NIGHT_START_MS, nightSamples, SCRAPE_S } from './samples.ts';

/** What the dashboard shows of the night. Scrapes come 2 s after a full multiple. */
export const NIGHT_SPAN: Span = { startMs: NIGHT_START_MS + 33_000, endMs: NIGHT_END_MS - 12_000, stepS: SCRAPE_S };

/** A Prometheus that has scraped the whole night. */
export async function nightPrometheus(): Promise<PrometheusServer> {
  const server = await startServer({
    config: {},
    samples: await nightSamples(),
    // Samples that were imported have no mark where a series ends, as those of a scrape have: a series ends with its last sample.
    options: [`--query.lookback-delta=${SCRAPE_S + 3}s`, '--storage.tsdb.retention.time=100y'],
  });
  await untilReady(server);
  return server;
}
