import { numberOf } from '../../src/model/sample.ts';
import type { PolicyInput } from '../../src/model/snapshot.ts';
import type { GuardState } from '../../src/plugin/recollection.ts';
import type { SettingsGroup } from '../../src/plugin/settings.ts';
import { balloonHistory } from '../memory/balloons.ts';
import { forEachRecent, GONE_AFTER_MS } from './per-guest.ts';

const KEYS = {
  enabled: {
    type: 'flag',
    default: true,
    doc: '`false`: memory is handed out whether the host has it or not.',
  },
  reserve: {
    type: 'size',
    default: '512MiB',
    min: '0KiB',
    max: '64TiB',
    doc: 'What the host keeps at least: the kernel reclaims and kills processes before nothing is left.',
  },
  reserve_share: {
    type: 'ratio',
    default: '2%',
    doc: "The same as a share of the host's ordinary memory; the larger of the two applies.",
  },
} as const;

/** The settings of the guard `budget`. */
export const BUDGET: SettingsGroup<typeof KEYS> = {
  key: 'budget',
  doc: 'What can be handed out to guests in one interval.',
  keys: KEYS,
};

/** What the host can hand out. Sizes are KiB. */
export interface Spare {
  readonly allocatableKib: number;
  readonly reserveKib: number;
  /** Growth that guests were granted and have not touched yet. */
  readonly promisedKib: number;
  readonly reservedKib: number;
  /** What is left for guests; negative: less than nothing. */
  readonly spareKib: number;
}

/** What the host keeps at least, KiB. */
export function reserveKib({ host, hostLayout }: PolicyInput, state: GuardState): number {
  const { reserve, reserve_share } = state.settingsOf(BUDGET);
  return Math.max(reserve, Math.ceil(reserve_share * (numberOf(hostLayout, host.samples, 'mem_ordinary') ?? 0)));
}

/** What the host was measured to have above its reserve and its promises; null when that is unknown. */
export function spareOf(input: PolicyInput, state: GuardState): Spare | null {
  const allocatableKib = numberOf(input.hostLayout, input.host.samples, 'mem_allocatable');
  if (allocatableKib === null) return null;
  const reserved = reserveKib(input, state);
  let promisedKib = 0;
  forEachRecent(state.recall(balloonHistory), state.steadyMs, GONE_AFTER_MS, (history) => {
    promisedKib += history.promisedKib;
  });
  const reservedKib = state.reservations.reduce((sum, { kib }) => sum + kib, 0);
  return {
    allocatableKib,
    reserveKib: reserved,
    promisedKib,
    reservedKib,
    spareKib: allocatableKib - reserved - promisedKib - reservedKib,
  };
}
