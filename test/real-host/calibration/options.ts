import { parseArgs } from 'node:util';
import { InvalidOptions } from '../density/options.ts';
import { EXPERIMENTS } from './experiments.ts';
import type { ExperimentPlan } from './plan.ts';

export const USAGE = `npm run calibrate [-- OPTIONS]
  --folder FOLDER   where the recordings go (calibration)
  --only TEXT,…     only experiments whose names contain one of these texts
  --list            print the experiments`;

export interface CalibrationOptions {
  readonly folder: string;
  readonly experiments: readonly ExperimentPlan[];
  readonly list: boolean;
}

/** @throws InvalidOptions */
export function parseOptions(args: readonly string[]): CalibrationOptions {
  let values: { folder?: string; only?: string; list?: boolean };
  try {
    const text = { type: 'string' } as const;
    ({ values } = parseArgs({
      args: [...args],
      options: { folder: text, only: text, list: { type: 'boolean' } },
    }));
  } catch (error) {
    throw new InvalidOptions(`${(error as Error).message}\n${USAGE}`);
  }
  const only = values.only?.split(',') ?? [''];
  const experiments = EXPERIMENTS.filter(({ name }) => only.some((text) => name.includes(text)));
  if (experiments.length === 0)
    throw new InvalidOptions(`no experiment is named like ${only.join(', ')}; --list prints all`);
  return { folder: values.folder ?? 'calibration', experiments, list: values.list === true };
}
