import { numberOf } from '../../src/model/sample.ts';
import type { Action } from '../../src/model/decision.ts';
import type { PolicyInput } from '../../src/model/snapshot.ts';
import { defineRecollection } from '../../src/plugin/recollection.ts';
import type { SettingsGroup } from '../../src/plugin/settings.ts';
import { balloonOutcomes } from '../support/balloon-requests.ts';
import { figuresIn } from '../support/figures.ts';
import { eachGuest, NO_MEMORIES, type PerGuest } from '../support/per-guest.ts';

const KEYS = {
  enabled: {
    type: 'flag',
    default: true,
    doc: '`false`: a policy may hand out what it takes back in the next interval.',
  },
  margin: {
    type: 'ratio',
    default: '1%',
    doc: "Growth leaves this share of the host's memory free above the amount at which the policy has taken back what it had given.",
  },
  remembered: {
    type: 'duration',
    default: '1h',
    min: '0s',
    max: '8760h',
    doc: 'How long that amount is remembered. A reload of the configuration does not forget it.',
  },
} as const;

/** The settings of the guard `settle`. */
export const SETTLE: SettingsGroup<typeof KEYS> = {
  key: 'settle',
  doc: 'Balloons come to rest at constant load.',
  keys: KEYS,
};

export interface Shortage {
  /** When the policy last grew the guest; null: it has not. */
  readonly grownMs: number | null;
  /** When the policy last took back what it had given; null: it has not. */
  readonly tookBackMs: number | null;
  /** The most that the host could hand out when the policy took memory back. */
  readonly freeKib: number;
  /** What the guest used then; null: unknown. */
  readonly usedKib: number | null;
}

const NONE: Shortage = { grownMs: null, tookBackMs: null, freeKib: 0, usedKib: null };

/**
 * At which free memory of the host a policy takes back what it has given to a guest. The policy's own threshold is unknown; but it is above
 * each such amount, whether the policy looks at the last figure or at an average, if the smaller of both counts.
 */
export const shortages = defineRecollection<PerGuest<Shortage>, typeof KEYS>({
  name: 'shortages',
  initial: NO_MEMORIES,
  settings: SETTLE,

  next(before, seen, { remembered }) {
    const { input, outcomes, steadyMs } = seen;
    const written = balloonOutcomes(outcomes);
    const freeKib = written.size === 0 ? null : freeAtDecision(input);
    return eachGuest(before, seen, ({ uuid }, known, at) => {
      let shortage = known;
      for (const { action } of written.get(uuid) ?? []) {
        const used = figuresIn(input)[at]?.usedKib ?? null;
        if (action.guard === undefined)
          shortage = afterMove(shortage ?? NONE, action, freeKib, used, steadyMs, remembered);
      }
      return shortage;
    });
  },
});

function afterMove(
  before: Shortage,
  { from, to }: Action,
  freeKib: number | null,
  used: number | null,
  steadyMs: number,
  remembered: number,
): Shortage {
  if (Number(to) > Number(from)) return { ...before, grownMs: steadyMs };
  if (freeKib === null || !isRecent(before.grownMs, steadyMs, remembered)) return before;
  const mostKib = isRecent(before.tookBackMs, steadyMs, remembered) ? before.freeKib : 0;
  return { ...before, tookBackMs: steadyMs, freeKib: Math.max(freeKib, mostKib), usedKib: used };
}

export function isRecent(atMs: number | null, steadyMs: number, remembered: number): boolean {
  return atMs !== null && steadyMs - atMs <= remembered;
}

/** The writes were decided on the snapshot before this one. */
function freeAtDecision({ host: { samples, recent = samples.length }, hostLayout }: PolicyInput): number | null {
  const last = numberOf(hostLayout, samples, 'mem_allocatable', 1) ?? numberOf(hostLayout, samples, 'mem_allocatable');
  if (last === null) return null;
  let [sum, count] = [0, 0];
  for (let back = 1; back <= Math.min(recent, samples.length - 1); back++) {
    const free = numberOf(hostLayout, samples, 'mem_allocatable', back);
    if (free !== null) [sum, count] = [sum + free, count + 1];
  }
  return count === 0 ? last : Math.min(last, sum / count);
}
