import { request } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNight, type Night } from './night.ts';
import { NIGHT_MINUTES } from './story.ts';

/** How often a Prometheus would scrape, seconds. */
export const SCRAPE_S = 15;

/** 02:30 in a night, UTC, milliseconds since the epoch. */
export const NIGHT_START_MS = Date.UTC(2026, 0, 15, 2, 30);
export const NIGHT_END_MS = NIGHT_START_MS + NIGHT_MINUTES * 60_000;

/** A scrape comes somewhere between two intervals. */
const AFTER_MS = 2000;

const OWN = 'instance="kvm-1:9776",job="ballast",host="kvm-1"';
const NODE = 'instance="kvm-1:9100",job="node",host="kvm-1"';

/** The metrics of a whole night in OpenMetrics with timestamps, as they were served, with the labels that a Prometheus adds. */
export async function nightSamples(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ballast-night-'));
  const lines: string[] = [];
  let nextMs = NIGHT_START_MS + SCRAPE_S * 1000;
  const scrape = async ({ clock, sockets, host }: Night): Promise<void> => {
    if (clock.now() < nextMs) return;
    nextMs += SCRAPE_S * 1000;
    clock.skip(AFTER_MS);
    const time = (clock.now() / 1000).toFixed(3);
    const page = await read(sockets.metrics);
    for (const line of page.split('\n')) if (line !== '' && !line.startsWith('#')) lines.push(labelled(line, time));
    lines.push(`up{${OWN}} 1 ${time}`);
    // What node_exporter has of the same files, with --collector.ksmd.
    for (const [name, file, unit] of [
      ['run', 'run', 1],
      ['pages_to_scan', 'pages_to_scan', 1],
      ['sleep_seconds', 'sleep_millisecs', 1000],
    ] as const)
      // prettier-ignore
      lines.push(`node_ksmd_${name}{${NODE}} ${(await host.ksm(file)) / unit} ${time}`);
  };
  try {
    const night = await startNight({ folder, startMs: NIGHT_START_MS, minutes: NIGHT_MINUTES, version: '1.0.0', each: scrape }); // prettier-ignore
    await night.stop();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return `${lines.join('\n')}\n# EOF\n`;
}

/** A sample with the labels of its target and the time at which it was scraped. */
function labelled(line: string, time: string): string {
  // Values and names of metrics have no space, and names of labels no brace.
  const brace = line.indexOf('{');
  const space = line.lastIndexOf(' ');
  const value = line.slice(space + 1);
  if (brace < 0) return `${line.slice(0, space)}{${OWN}} ${value} ${time}`;
  return `${line.slice(0, brace)}{${OWN},${line.slice(brace + 1, space)} ${value} ${time}`;
}

function read(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path: '/metrics', agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      response.on('end', () => resolve(Buffer.concat(chunks).toString()));
    })
      .on('error', reject)
      .end();
  });
}
