import { ADVISOR_MODE, MERGE, NO_ADVISOR, PAGES_TO_SCAN, RUN, SLEEP_MILLISECS } from '../../src/host/ksm-knobs.ts';
import { fieldOf, numberOf } from '../../src/model/sample.ts';
import type { PolicyInput } from '../../src/model/snapshot.ts';

/** What ksmd used with its current settings. */
export interface Usage {
  /** Of one CPU, 0 to 1. */
  readonly share: number;
  /** The number of samples that it is the mean of. */
  readonly samples: number;
  readonly pages: number;
  readonly sleepMs: number;
}

/** More cannot be told apart from always: a scan then costs an unknown multiple of the sleep. */
const MOST_SHARE = 0.99;

/** Without sleep ksmd is always busy, so that the cost of a page is unknown; this overestimates it. */
const LEAST_SLEEP_MS = 1;

/**
 * The mean usage over the newest samples in which ksmd ran with its current settings: older ones tell nothing about these.
 * null when it does not run, or its usage or settings are unknown.
 */
export function ksmdUsage({ host: { samples }, hostLayout: layout }: PolicyInput, most: number): Usage | null {
  const pages = numberOf(layout, samples, PAGES_TO_SCAN.name);
  const sleepMs = numberOf(layout, samples, SLEEP_MILLISECS.name);
  if (pages === null || sleepMs === null) return null;
  const mode = fieldOf(layout, samples, ADVISOR_MODE.name) ?? NO_ADVISOR;
  let sum = 0;
  let count = 0;
  for (let back = 0; back < samples.length && count < most; back++) {
    const used = numberOf(layout, samples, 'ksmd_cpu_usage', back);
    const isSame =
      numberOf(layout, samples, RUN.name, back) === MERGE &&
      numberOf(layout, samples, SLEEP_MILLISECS.name, back) === sleepMs &&
      (fieldOf(layout, samples, ADVISOR_MODE.name, back) ?? NO_ADVISOR) === mode &&
      // The advisor changes the pages after every scan.
      (mode !== NO_ADVISOR || numberOf(layout, samples, PAGES_TO_SCAN.name, back) === pages);
    if (used === null || !isSame) break;
    sum += used;
    count += 1;
  }
  return count === 0 ? null : { share: sum / count / 100, samples: count, pages, sleepMs };
}

/** The busy time of ksmd for one page, milliseconds: its share of the CPU is busy / (busy + sleep). */
function pageMs({ share, pages, sleepMs }: Usage): number {
  const used = Math.min(MOST_SHARE, Math.max(0, share));
  return (Math.max(LEAST_SLEEP_MS, sleepMs) * used) / (1 - used) / Math.max(1, pages);
}

/** The most pages for which ksmd stays within a share of a CPU; at least 1. @param most 0 to 1 */
export function pagesWithin(most: number, usage: Usage, sleepMs: number): number {
  const perPage = pageMs(usage);
  return perPage === 0 ? Infinity : Math.max(1, Math.floor((sleepMs * most) / (1 - most) / perPage + ROUNDING));
}

/** Values that fit exactly must not be cut by the last bit of a division. */
const ROUNDING = 1e-6;

/** The least sleep with which ksmd stays within a share of a CPU, milliseconds; at most a minute. @param most 0 to 1 */
export function sleepWithin(most: number, usage: Usage, pages: number): number {
  return Math.min(60_000, Math.ceil((pages * pageMs(usage) * (1 - most)) / most - ROUNDING));
}
