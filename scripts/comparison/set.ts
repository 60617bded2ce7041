import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { compareAll } from '../../src/cli/handlers/compare.ts';
import { scriptIo } from './io.ts';

const FOLDER = fileURLToPath(new URL('../../scenarios', import.meta.url));

function namesIn(folder: string): readonly string[] {
  const files = readdirSync(join(FOLDER, folder)).filter((name) => name.endsWith('.yaml'));
  return files.map((name) => basename(name, '.yaml')).sort();
}

/** The names of the scenarios that no policy was made or tuned with. */
export const HELD_OUT: readonly string[] = namesIn('held-out');

/** The names of all scenarios. */
export const SCENARIOS: readonly string[] = [...namesIn('.'), ...HELD_OUT];

/** The file of a scenario. @param name of {@link SCENARIOS} */
export function fileOf(name: string): string {
  return join(FOLDER, HELD_OUT.includes(name) ? 'held-out' : '.', `${name}.yaml`);
}

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
  return compareAll(
    {
      ...{
        files: scenarios.map(fileOf),
        policies,
        seeds,
        seed: 1,
      },
      ...{ config: null, parameters: [], durationMs: null, more: 0, jobs: null, cache: true },
    },
    scriptIo(progress),
    stop,
  );
}
