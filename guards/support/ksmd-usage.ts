import { ADVISOR_MODE, MERGE, NO_ADVISOR, PAGES_TO_SCAN, RUN, SLEEP_MILLISECS } from '../../src/host/ksm-knobs.ts';
import { fieldOf, numberOf } from '../../src/model/sample.ts';
import type { PolicyInput } from '../../src/model/snapshot.ts';

/** What ksmd used. */
export interface Usage {
  /** Of one CPU, 0 to 1: the mean of the newest samples with the current settings. */
  readonly share: number;
  /** The number of these samples. */
  readonly samples: number;
  readonly pages: number;
  readonly sleepMs: number;
  /** CPU time of one page with the current settings, milliseconds. */
  readonly pageMs: number;
  /** The most that a page has cost in all samples. What is compared in vain, or merged, costs several times as much as the rest. */
  readonly worstPageMs: number;
}

/** More cannot be told apart from always: a scan then costs an unknown multiple of the sleep. */
const MOST_SHARE = 0.99;

/** Without sleep ksmd is always busy, so that the cost of a page is unknown; this overestimates it. */
const LEAST_SLEEP_MS = 1;

/** null when ksmd does not run, or its usage or settings are unknown. @param most samples for the mean */
export function ksmdUsage({ host: { samples }, hostLayout: layout }: PolicyInput, most: number): Usage | null {
  const number = (name: string, back: number) => numberOf(layout, samples, name, back);
  const mode = (back: number) => fieldOf(layout, samples, ADVISOR_MODE.name, back) ?? NO_ADVISOR;
  const pages = number(PAGES_TO_SCAN.name, 0);
  const sleepMs = number(SLEEP_MILLISECS.name, 0);
  if (pages === null || sleepMs === null) return null;
  let sum = 0;
  let count = 0;
  let isCurrent = true;
  let worstPageMs = 0;
  for (let back = 0; back < samples.length; back++) {
    const used = number('ksmd_cpu_usage', back);
    const [ownPages, ownSleepMs] = [number(PAGES_TO_SCAN.name, back), number(SLEEP_MILLISECS.name, back)];
    if (used === null || ownPages === null || ownSleepMs === null || number(RUN.name, back) !== MERGE) {
      isCurrent = false;
      continue;
    }
    // The advisor changes the pages after every scan.
    if (mode(back) === NO_ADVISOR) worstPageMs = Math.max(worstPageMs, pageMs(used / 100, ownPages, ownSleepMs));
    isCurrent &&=
      ownSleepMs === sleepMs &&
      mode(back) === mode(0) &&
      (mode(0) !== NO_ADVISOR || ownPages === pages) &&
      count < most;
    if (!isCurrent) continue;
    sum += used / 100;
    count += 1;
  }
  if (count === 0) return null;
  const share = sum / count;
  return { share, samples: count, pages, sleepMs, pageMs: pageMs(share, pages, sleepMs), worstPageMs };
}

/** ksmd's share of the CPU is busy / (busy + sleep). */
function pageMs(share: number, pages: number, sleepMs: number): number {
  const used = Math.min(MOST_SHARE, Math.max(0, share));
  return (Math.max(LEAST_SLEEP_MS, sleepMs) * used) / (1 - used) / Math.max(1, pages);
}

/** The pages for each millisecond of sleep with which ksmd uses a share of a CPU. @param most 0 to 1 */
export function rateWithin(most: number, pageCostMs: number): number {
  return pageCostMs === 0 ? Infinity : most / (1 - most) / pageCostMs;
}
