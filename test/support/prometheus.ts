import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { freePort } from './free-port.ts';
import { hasProgram } from './has-program.ts';

/** Whether a command of Debian's package prometheus is there. */
export function hasTool(command: 'promtool' | 'prometheus'): boolean {
  return hasProgram(command);
}

/** For the title of tests that need such a command. */
export function skipNote(command: 'promtool' | 'prometheus'): string {
  return hasTool(command) ? '' : ` (skipped: ${command} is missing; apt-get install prometheus)`;
}

export function promtool(
  args: readonly string[],
  input = '',
): { readonly code: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  return { code: status, output: `${stdout}${stderr}` };
}

export interface QueryResult {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A Prometheus that scrapes one target each second and has these rules; it ends with the test. */
export async function startPrometheus(target: string, rules: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'ballast-prometheus-'));
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: rules,
    scrape_configs: [{ job_name: 'ballast', static_configs: [{ targets: [target], labels: { host: 'test' } }] }],
  };
  // YAML includes JSON.
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    'prometheus',
    [`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=${address}`], // prettier-ignore
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log = `${log}${chunk.toString()}`.slice(-10_000);
  });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true });
  });
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
  const query = async (promql: string): Promise<readonly QueryResult[]> => {
    const data = (await api(`query?query=${encodeURIComponent(promql)}`)) as {
      readonly result: readonly {
        readonly metric: Record<string, string>;
        readonly value: readonly [number, string];
      }[];
    };
    return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  };
  return { api, query };
}
