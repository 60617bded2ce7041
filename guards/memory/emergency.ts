import { numberOf } from '../../src/model/sample.ts';
import type { PolicyInput } from '../../src/model/snapshot.ts';
import { defineRecollection } from '../../src/plugin/recollection.ts';
import type { SettingsGroup } from '../../src/plugin/settings.ts';
import { sizeText } from '../support/rulings.ts';

const KEYS = {
  enabled: {
    type: 'flag',
    default: true,
    doc: '`false`: there are no emergencies; only the policy reacts to a host without memory.',
  },
  below: {
    type: 'size',
    default: '256MiB',
    min: '0KiB',
    max: '64TiB',
    doc: 'An emergency begins when the host can hand out less than this, or less than `below_share`: half of the reserve of `budget`, the kernel is about to kill something.',
  },
  below_share: {
    type: 'ratio',
    default: '1%',
    doc: "The same as a share of the host's ordinary memory; the larger of the two applies.",
  },
  stalled: {
    type: 'ratio',
    default: '20%',
    doc: 'An emergency also begins when all tasks of the host waited for memory for more than this share of the last 10 s (`psi_memory_full_avg10`). `100%`: never for this reason.',
  },
  end_factor: {
    type: 'integer',
    default: 2,
    min: 1,
    max: 100,
    doc: 'An emergency ends when the host has this many times as much as at its begin, and waits for memory for less than a quarter of `stalled`: it does not begin and end in turns.',
  },
} as const;

/** The settings of the guard `emergency`. */
export const EMERGENCY: SettingsGroup<typeof KEYS> = {
  key: 'emergency',
  doc: 'What happens when the host has almost no memory left.',
  keys: KEYS,
};

/** Snapshots after which what guests can spare was not enough. */
const PATIENCE = 4;
/** null: no emergency. */
export type Emergency = {
  readonly sinceMs: number;
  /** Why it began, with the figures. */
  readonly why: string;
  /** Snapshots since it began in which the host lacked memory and did not cope by swapping. */
  readonly snapshots: number;
} | null;

type Settings = {
  readonly below: number;
  readonly below_share: number;
  readonly stalled: number;
  readonly end_factor: number;
  readonly enabled: boolean;
};

export const emergencyState = defineRecollection<Emergency, typeof KEYS>({
  name: 'emergency',
  initial: null,
  settings: EMERGENCY,

  next(current, { input, steadyMs }, settings) {
    if (!settings.enabled) return null;
    const { allocatableKib, belowKib, stalledRatio } = measured(input, settings);
    if (current === null) {
      const why = reason(allocatableKib, belowKib, stalledRatio, settings.stalled);
      return why === null ? null : { sinceMs: steadyMs, why, snapshots: 0 };
    }
    const hasMemory = allocatableKib === null || allocatableKib >= belowKib * settings.end_factor;
    const isCalm = stalledRatio === null || stalledRatio <= settings.stalled / 4;
    if (hasMemory && isCalm) return null;
    // Tasks that wait although there is memory are no reason to take what guests use. Neither is a host that swaps without being
    // slowed down by it: the kernel finds what is idle better than guests do that have to swap in their turn.
    const copes = hasMemory || (isCalm && hasSwapFor(belowKib * settings.end_factor - allocatableKib, input));
    return { ...current, snapshots: current.snapshots + (copes ? 0 : 1) };
  },
});

function measured({ host, hostLayout }: PolicyInput, settings: Settings) {
  const number = (name: string): number | null => numberOf(hostLayout, host.samples, name);
  const stalled = number('psi_memory_full_avg10');
  return {
    allocatableKib: number('mem_allocatable'),
    belowKib: Math.max(settings.below, settings.below_share * (number('mem_ordinary') ?? 0)),
    stalledRatio: stalled === null ? null : stalled / 100,
  };
}

function hasSwapFor(kib: number, { host, hostLayout }: PolicyInput): boolean {
  const number = (name: string): number | null => numberOf(hostLayout, host.samples, name);
  const [totalKib, usedKib] = [number('swap_total'), number('swap_usage')];
  return totalKib !== null && usedKib !== null && totalKib - usedKib >= kib;
}

function reason(
  allocatableKib: number | null,
  belowKib: number,
  stalledRatio: number | null,
  stalled: number,
): string | null {
  if (allocatableKib !== null && allocatableKib < belowKib)
    return `the host can hand out only ${sizeText(allocatableKib)}, less than ${sizeText(belowKib)}`;
  if (stalledRatio !== null && stalledRatio > stalled)
    return `all tasks of the host waited for memory for ${Math.round(stalledRatio * 100)} % of the last 10 s, more than ${Math.round(stalled * 100)} %`;
  return null;
}

/** What the host must be able to hand out for the emergency to end, KiB. */
export function endKib(input: PolicyInput, settings: Settings): number {
  return Math.ceil(measured(input, settings).belowKib * settings.end_factor);
}

/** Whether guests have been asked for what they can spare, and it was not enough. */
export function isLate(current: Emergency): boolean {
  return current !== null && current.snapshots >= PATIENCE;
}
