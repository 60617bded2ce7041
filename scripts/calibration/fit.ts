// `npx tsx scripts/calibration/fit.ts [FOLDER]`: what the recordings of the kind `fit` say about the constants of the simulator, beside the
// values that it has. The values in src/simulation/constants.ts are set by hand: some hold for emulated guests only, as its comments say.
import { fileURLToPath } from 'node:url';
import { BALLOON, GUEST, KSM, MIB } from '../../src/simulation/constants.ts';
import { readObserved } from './observe.ts';
import type { Observed } from './observed.ts';
import { lateness, scanCosts, unmergeSpeeds, volatileShares } from './ksm-measures.ts';
import {
  bootSizes,
  bootTimes,
  deflation,
  hiddenShares,
  inflationByReclaim,
  inflationOfFree,
  kernelSizes,
  processSizes,
  sharedPrograms,
  stallsOfInflation,
  statisticsAges,
  tornOfInflation,
  watermarks,
} from './measures.ts';
import { swapCosts } from './swap-measures.ts';

export const FIXTURES = fileURLToPath(new URL('../../test/fixtures/calibration', import.meta.url));

/** One constant, and what the recordings say about it. */
export interface Fit {
  readonly constant: string;
  readonly unit: string;
  /** What the simulator has; null: it has no such constant. */
  readonly current: number | null;
  readonly values: readonly number[];
}

export function fitsOf(recordings: readonly Observed[]): readonly Fit[] {
  const all = recordings.filter(({ plan }) => plan.set === 'fit');
  const of = (measure: (observed: Observed) => readonly number[], name = ''): readonly number[] =>
    all.filter(({ plan }) => plan.name.startsWith(name)).flatMap((each) => measure(each));
  const kernel = line(all.flatMap(kernelSizes).map(({ memoryMib, keptMib }) => [memoryMib, keptMib]));
  const fit = (constant: string, unit: string, current: number | null, values: readonly number[]): Fit => ({
    ...{ constant, unit, current, values },
  });
  return [
    fit('BALLOON.inflateFree', 'MiB/s', BALLOON.inflateFree / MIB, of(inflationOfFree, 'balloon-free')),
    fit('BALLOON.inflateCache', 'MiB/s', BALLOON.inflateCache / MIB, of(inflationByReclaim, 'balloon-cache')),
    fit('BALLOON.inflateSwap', 'MiB/s', BALLOON.inflateSwap / MIB, of(inflationByReclaim, 'balloon-swap')),
    fit('BALLOON.deflate', 'MiB/s', BALLOON.deflate / MIB, of(deflation, 'balloon')),
    fit('BALLOON.stalls', '', BALLOON.stalls, of(stallsOfInflation, 'balloon')),
    fit('BALLOON.tornShare', '', BALLOON.tornShare, of(tornOfInflation, 'balloon')),
    fit('GUEST.kernelBase', 'MiB', GUEST.kernelBase / MIB, kernel === null ? [] : [kernel.base]),
    fit('GUEST.kernelShare', '', GUEST.kernelShare, kernel === null ? [] : [kernel.slope]),
    fit('GUEST.hiddenShare', '', GUEST.hiddenShare, of(hiddenShares)),
    fit('GUEST.qemu, with 32 MiB of translated code', 'MiB', GUEST.qemu / MIB + 32, of(processSizes)),
    fit('GUEST.qemuShared', 'MiB', GUEST.qemuShared / MIB, of(sharedPrograms)),
    fit('GUEST.boot', 'MiB', GUEST.boot / MIB, of(bootSizes)),
    fit('GUEST.bootS, of a kernel with nothing to start', 's', GUEST.bootS, of(bootTimes)),
    fit(
      'GUEST.swapInS',
      'us',
      GUEST.swapInS * 1e6,
      of((each) => swapCosts(each).in, 'balloon-swap'),
    ),
    fit(
      'GUEST.swapOutS',
      'us',
      GUEST.swapOutS * 1e6,
      of((each) => swapCosts(each).out, 'balloon-swap'),
    ),
    fit('WATERMARK, in multiples of what is computed', '', 1, of(watermarks)),
    fit('age of statistics, with a period of 1 s', 's', null, of(statisticsAges)),
    fit(
      'KSM.freshS',
      'us',
      KSM.freshS * 1e6,
      of((each) => scanCosts(each, 'fresh').map(micro), 'ksm'),
    ),
    fit(
      'KSM.comparedS',
      'us',
      KSM.comparedS * 1e6,
      of((each) => scanCosts(each, 'compared').map(micro), 'ksm'),
    ),
    fit(
      'KSM.knownS',
      'us',
      KSM.knownS * 1e6,
      of((each) => scanCosts(each, 'known').map(micro), 'ksm'),
    ),
    fit('KSM.lateS', 'ms', KSM.lateS * 1e3, of(lateness, 'ksm')),
    fit('KSM.unmergePerS', 'pages', KSM.unmergePerS, of(unmergeSpeeds, 'ksm')),
    fit('KSM.volatileShare', '', KSM.volatileShare, of(volatileShares, 'ksm')),
  ];
}

const micro = (seconds: number): number => seconds * 1e6;

/** Least squares; null: fewer than two different places. */
export function line(points: readonly (readonly number[])[]): { readonly base: number; readonly slope: number } | null {
  const mean = (at: number): number => points.reduce((sum, point) => sum + point[at]!, 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const spread = points.reduce((sum, point) => sum + (point[0]! - x) ** 2, 0);
  if (!(spread > 0)) return null;
  const slope = points.reduce((sum, point) => sum + (point[0]! - x) * (point[1]! - y), 0) / spread;
  return { base: y - slope * x, slope };
}

export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return null;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export const short = (value: number | null): string => (value === null ? '' : String(Number(value.toPrecision(3))));

export function fitLine({ constant, unit, current, values }: Fit): readonly string[] {
  const [least, most] = values.length === 0 ? [null, null] : [Math.min(...values), Math.max(...values)];
  const spread = values.length < 2 ? '' : `${short(least)} to ${short(most)}`;
  return [constant, unit, short(median(values)), spread, String(values.length), short(current)];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lines = fitsOf(await readObserved(process.argv[2] ?? FIXTURES)).map(fitLine);
  for (const cells of [['constant', 'unit', 'measured', 'from … to', 'times', 'simulated'], ...lines])
    console.log(cells.map((cell, at) => cell.padEnd([44, 6, 10, 20, 6, 0][at]!)).join(' ').trimEnd()); // prettier-ignore
}
