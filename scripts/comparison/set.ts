import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { compareAll } from '../../src/cli/handlers/compare.ts';

const FOLDER = fileURLToPath(new URL('../../scenarios', import.meta.url));

function namesIn(folder: string): readonly string[] {
  const files = readdirSync(join(FOLDER, folder)).filter((name) => name.endsWith('.yaml'));
  return files.map((name) => basename(name, '.yaml')).sort();
}

/** The names of the scenarios that no policy was made or tuned with. */
export const HELD_OUT: readonly string[] = namesIn('held-out');

/** The names of all scenarios. */
export const SCENARIOS: readonly string[] = [...namesIn('.'), ...HELD_OUT];

/** What is compared on each of them: what Ballast recommends, and how others decide, each with what usually merges pages beside it. */
export const SET = {
  policies: [
    ...['none', 'balanced+ksm-budget', 'balanced', 'mom-balloon+mom-ksm', 'ksmtuned', 'proxmox+ksmtuned'],
    ...['squeezed', 'esx+ksmtuned', 'senpai', 'qemus'],
  ],
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
      ...{
        files: scenarios.map((name) => join(FOLDER, HELD_OUT.includes(name) ? 'held-out' : '.', `${name}.yaml`)),
        policies,
        seeds,
        seed: 1,
      },
      ...{ config: null, parameters: [], durationMs: null, more: 0, jobs: null, cache: true },
    },
    { stdin, stdout, stderr: progress, readFile: () => Promise.reject(new Error('no file')), userCache },
    stop,
  );
}
