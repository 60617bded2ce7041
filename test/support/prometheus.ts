import { spawnSync } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { hasProgram } from './has-program.ts';
import { startServer } from './prometheus-server.ts';

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
  const { api, stop } = await startServer({
    config: {
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: rules,
      scrape_configs: [{ job_name: 'ballast', static_configs: [{ targets: [target], labels: { host: 'test' } }] }],
    },
  });
  onTestFinished(stop);
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
