import { gained, known } from './measures.ts';
import type { Observed } from './observed.ts';

// What single recordings say about ksmd.

/** A time with one setting of KSM; seconds. */
interface Phase {
  readonly run: number;
  readonly pagesToScan: number;
  readonly from: number;
  readonly to: number;
}

function phasesOf({ plan, events }: Observed): readonly Phase[] {
  const changes = events.filter((event) => event.kind === 'ksm');
  return changes.map(({ run, pagesToScan, ms }, at) => ({
    ...{ run, pagesToScan, from: Math.ceil(ms / 1000) + 1 },
    to: Math.floor((changes[at + 1]?.ms ?? plan.seconds * 1000) / 1000) - 1,
  }));
}

/** CPU time of ksmd is counted in ticks of 10 ms: less than this is too coarse. */
const LEAST_MS = 40;

type Kind = 'fresh' | 'compared' | 'known';

/** Seconds of a CPU for each page that is never met before, compared with others, or merged already. */
export function scanCosts(observed: Observed, kind: Kind): readonly number[] {
  return phasesOf(observed)
    .filter(({ run }) => run === 1)
    .flatMap((phase) => {
      const span = spanOf(observed, phase, kind);
      if (span === null) return [];
      const [cpuMs, pages] = [gained(observed.host.ksmdMs, ...span), gained(observed.host.ksmScannedPages, ...span)];
      return cpuMs === null || pages === null || pages <= 0 || cpuMs < LEAST_MS ? [] : [cpuMs / 1000 / pages];
    });
}

/** Where in a phase ksmd mostly meets such pages; null: nowhere. */
function spanOf({ host }: Observed, { from, to }: Phase, kind: Kind): readonly [number, number] | null {
  const most = Math.max(...host.ksmSharingPages.map((pages) => pages ?? 0));
  const seconds = Array.from({ length: to - from + 1 }, (_, at) => from + at);
  const is = (second: number): Kind => {
    const sharing = known(host.ksmSharingPages, second) ?? 0;
    if (sharing < 0.02 * most && (known(host.ksmUnsharedPages, second) ?? 0) < 1000) return 'fresh';
    return sharing < 0.97 * most ? 'compared' : 'known';
  };
  const own = seconds.filter((second) => is(second) === kind);
  const [first, last] = [own[0], own.at(-1)];
  return first === undefined || last === undefined || last - first < 2 ? null : [first, last];
}

/** How much longer than it is told ksmd sleeps, milliseconds: from its speed while it scans few pages at a time. */
export function lateness(observed: Observed): readonly number[] {
  return phasesOf(observed)
    .filter(({ run, pagesToScan }) => run === 1 && pagesToScan <= 1000)
    .flatMap(({ from, to, pagesToScan }) => {
      const [cpuMs, pages] = [gained(observed.host.ksmdMs, from, to), gained(observed.host.ksmScannedPages, from, to)];
      if (cpuMs === null || pages === null || pages === 0) return [];
      return [(((to - from) * 1000 - cpuMs) / pages) * pagesToScan - SLEEP_MS];
    });
}

const SLEEP_MS = 20;

/** Pages that are unmerged in a second. */
export function unmergeSpeeds(observed: Observed): readonly number[] {
  const { host } = observed;
  return phasesOf(observed)
    .filter(({ run }) => run === 2)
    .flatMap(({ from }) => {
      // The first seconds after the change: in the first it may have begun late.
      const merged = (second: number): number => (known(host.ksmSharingPages, second) ?? 0) + (known(host.ksmSharedPages, second) ?? 0); // prettier-ignore
      const [before, after] = [merged(from - 1), merged(from)];
      return before < 10_000 || after > before ? [] : [before - after];
    });
}

/** The share of what is known and not merged that is called volatile, before pages are skipped. */
export function volatileShares(observed: Observed): readonly number[] {
  const { host } = observed;
  return phasesOf(observed)
    .filter(({ run }) => run === 1)
    .flatMap((phase) => {
      const span = spanOf(observed, phase, 'known');
      if (span === null) return [];
      const shares = host.ksmVolatilePages
        .slice(span[0], span[1] + 1)
        .map(
          (pages, at) => (pages ?? 0) / Math.max(1, (pages ?? 0) + (known(host.ksmUnsharedPages, span[0] + at) ?? 0)),
        );
      return [Math.min(...shares)];
    });
}
