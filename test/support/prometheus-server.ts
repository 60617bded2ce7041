import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** The address that asks a Prometheus for one value of a query, or for those of a span. */
export interface PrometheusServer {
  /** The part `data` of the answer. @throws Error with the message of Prometheus */
  readonly api: (path: string) => Promise<unknown>;
  stop(): Promise<void>;
}

export interface PrometheusChoice {
  /** The text of prometheus.yml. YAML includes JSON. */
  readonly config: object;
  /** Samples of the past, in OpenMetrics with timestamps; absent: none. */
  readonly samples?: string;
  readonly options?: readonly string[];
}

/** Starts Debian's Prometheus in a folder of its own, which {@link PrometheusServer.stop} removes. */
export async function startServer({ config, samples, options = [] }: PrometheusChoice): Promise<PrometheusServer> {
  const folder = await mkdtemp(join(tmpdir(), 'ballast-prometheus-'));
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config));
  if (samples !== undefined) await importSamples(folder, samples);
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    'prometheus',
    [`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=${address}`, ...options], // prettier-ignore
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log = `${log}${chunk.toString()}`.slice(-10_000);
  });
  const ended = once(child, 'exit');
  const api = async (path: string): Promise<unknown> => {
    if (child.exitCode !== null) throw new Error(`prometheus has ended: ${log}`);
    const response = await fetch(`http://${address}/api/v1/${path}`);
    const body = (await response.json()) as {
      readonly status: string;
      readonly data: unknown;
      readonly error?: string;
    };
    if (body.status !== 'success') throw new Error(body.error);
    return body.data;
  };
  return {
    api,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

async function importSamples(folder: string, samples: string): Promise<void> {
  const file = join(folder, 'samples.txt');
  await writeFile(file, samples);
  const { status, stderr } = spawnSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', file, join(folder, 'data')], { encoding: 'utf8' }); // prettier-ignore
  if (status !== 0) throw new Error(`promtool cannot read the samples: ${stderr}`);
}

const READY_MS = 30_000;

/** Waits until it answers queries. */
export async function untilReady({ api }: PrometheusServer): Promise<void> {
  for (const limit = AbortSignal.timeout(READY_MS); ; await sleep(50)) {
    try {
      await api('query?query=1');
      return;
    } catch (error) {
      if (limit.aborted) throw error;
    }
  }
}
