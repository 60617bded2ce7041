import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../../../src/support/replace-file.ts';
import { cacheDirectory } from '../bed/kernel.ts';
import type { Figures } from './figures.ts';
import { InvalidOptions, type DensityFiles, type DensityOptions } from './options.ts';

/** The guests of one round on a host with plenty of memory, with which others are compared. */
export interface RoomyRun {
  /** From 0. */
  readonly round: number;
  readonly guests: number;
  /** What they took of the host at most. */
  readonly takenMib: number;
  /** How long all of their steps took together. */
  readonly stepS: number;
}

/** One policy on the small host. */
export interface PolicyRun {
  readonly round: number;
  readonly guests: number;
  readonly policy: string;
  readonly figures: Figures;
}

/** Whatever is needed to make the page, of the runs that have finished so far. */
export interface DensityResults {
  readonly options: DensityOptions;
  /** ISO 8601, of the last run. */
  readonly date: string;
  readonly cores: number;
  readonly kernel: string;
  readonly roomy: readonly RoomyRun[];
  readonly runs: readonly PolicyRun[];
}

/** Outside of the bed, whose folders are removed. */
export function resultsFile({ json, from }: DensityFiles): string {
  return from ?? json ?? join(cacheDirectory(), 'density.json');
}

/** So that a run that is cut off leaves whole results. */
export async function writeResults(path: string, results: DensityResults): Promise<void> {
  await replaceFile(path, `${JSON.stringify(results, null, 2)}\n`, 0o644);
}

/** @throws InvalidOptions for what `test:density` has not written */
export async function readResults(path: string): Promise<DensityResults> {
  try {
    const results = JSON.parse(await readFile(path, 'utf8')) as DensityResults;
    if (!Array.isArray(results.runs) || !Array.isArray(results.roomy) || !Array.isArray(results.options.policies))
      throw new Error('it has no runs');
    return results;
  } catch (error) {
    throw new InvalidOptions(`${path}: these are no results of test:density: ${(error as Error).message}`);
  }
}
