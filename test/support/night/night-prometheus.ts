import { startServer, untilReady, type PrometheusServer } from '../prometheus-server.ts';
import type { Span } from '../grafana.ts';
import { NIGHT_END_MS, NIGHT_START_MS, nightSamples, SCRAPE_S } from './samples.ts';

/** How long after a full multiple of the time between scrapes queries are asked. Scrapes come 2 s after it. */
const AFTER_S = 6;

/** What the dashboard shows of the night: from the third scrape to the last. */
export const NIGHT_SPAN: Span = {
  startMs: NIGHT_START_MS + (2 * SCRAPE_S + AFTER_S) * 1000,
  endMs: NIGHT_END_MS - (SCRAPE_S - AFTER_S) * 1000,
  stepS: SCRAPE_S,
};

/** A Prometheus that has scraped the whole night. */
export async function nightPrometheus(): Promise<PrometheusServer> {
  const server = await startServer({
    config: {},
    samples: await nightSamples(),
    // Samples that were imported have no mark where a series ends, as those of a scrape have. So no sample counts after the next scrape.
    options: [`--query.lookback-delta=${SCRAPE_S - 2}s`, '--storage.tsdb.retention.time=100y'],
  });
  await untilReady(server);
  return server;
}
