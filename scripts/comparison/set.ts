import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { compareAll } from '../../src/cli/handlers/compare.ts';

const FOLDER = fileURLToPath(new URL('../../scenarios', import.meta.url));

/** The names of all scenarios. */
export const SCENARIOS: readonly string[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => basename(name, '.yaml'))
  .sort();

/** What is compared on each of them: every shipped policy that decides something, and what MOM and ksmtuned would do. */
export const SET = {
  policies: ['none', 'mom-balloon+mom-ksm', 'ksmtuned', 'mom-balloon', 'mom-ksm', 'ksm-budget'],
  seeds: 3,
} as const;

export interface SetOptions {
  readonly scenarios: readonly string[];
  readonly policies: readonly string[];
  readonly seeds: number;
}

/** @param progress null: none is shown */
export function compareSet({ scenarios, policies, seeds }: SetOptions, progress: Writable, stop: AbortSignal) {
  const { stdin, stdout } = process;
  const userCache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return compareAll(
    {
      ...{ files: scenarios.map((name) => join(FOLDER, `${name}.yaml`)), policies, seeds, seed: 1 },
      ...{ config: null, parameters: [], durationMs: null, more: 0, jobs: null, cache: true },
    },
    { stdin, stdout, stderr: progress, readFile: () => Promise.reject(new Error('no file')), userCache },
    stop,
  );
}
