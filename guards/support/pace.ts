import { durationText } from '../../src/model/duration-text.ts';
import { numberOf } from '../../src/model/sample.ts';
import type { GuestView, PolicyInput } from '../../src/model/snapshot.ts';
import type { GuardState } from '../../src/plugin/recollection.ts';
import type { SettingsGroup, SettingsOf } from '../../src/plugin/settings.ts';
import type { BalloonHistory } from '../memory/balloons.ts';
import { emergencyState } from '../memory/emergency.ts';
import { sizeText } from './rulings.ts';

const KEYS = {
  enabled: {
    type: 'flag',
    default: true,
    doc: '`false`: balloons move as far and as often as the policy asks.',
  },
  largest_step: {
    type: 'ratio',
    default: '10%',
    doc: "A policy takes at most this share of a guest's maximum in one interval: the guest must be able to report what it did to it before the next step. Relief and growth are not limited by it.",
  },
  dead_band: {
    type: 'size',
    default: '4MiB',
    min: '0KiB',
    max: '1TiB',
    doc: 'A smaller move is not worth it, except the last one to the maximum of the guest.',
  },
  cool_down: {
    type: 'duration',
    default: '100s',
    min: '0s',
    max: '24h',
    doc: 'After a move, no opposite move for this long: the effect of a move shows only after some reports. Relief does not wait for it.',
  },
  emergency_cool_down: {
    type: 'duration',
    default: '10s',
    min: '0s',
    max: '24h',
    doc: 'The same in an emergency of the host.',
  },
  boot_grace: {
    type: 'duration',
    default: '3min',
    min: '0s',
    max: '24h',
    doc: 'A guest that was started or arrived less than this ago is not shrunk: it boots, and its figures say nothing about what it will need. Guests that ran already when Ballast started have what is left of it, by the uptime of their QEMU; where that is unknown, they have none.',
  },
  host_step: {
    type: 'ratio',
    default: '10%',
    doc: "All guests together give at most this share of the host's memory in one interval.",
  },
} as const;

/** The settings of the guard `rhythm`. */
export const RHYTHM: SettingsGroup<typeof KEYS> = {
  key: 'rhythm',
  doc: 'How far and how often balloons move.',
  keys: KEYS,
};

type Settings = SettingsOf<typeof KEYS>;

interface Move {
  readonly curKib: number;
  readonly maxKib: number;
  readonly wantedKib: number;
  /** It grows a guest that lacks memory, or gives back at the exit. */
  readonly isRelief: boolean;
  /** It may take back what a balloon on its way up was promised: guards and the exit know what they do. */
  readonly mayReduce: boolean;
  /** How long ago the guest appeared, milliseconds; null: it ran before the guards did, for an unknown time. */
  readonly ageMs: number | null;
}

/** How long ago a guest appeared, milliseconds; null: it ran before the guards did, for an unknown time. */
export function ageOf(
  { samples }: GuestView,
  history: BalloonHistory | null,
  { guestLayout }: PolicyInput,
  { steadyMs }: GuardState,
): number | null {
  const uptimeS = numberOf(guestLayout, samples, 'uptime');
  if (uptimeS !== null) return uptimeS * 1000;
  return history === null || history.adopted ? null : steadyMs - history.sinceMs;
}

/** Why the balloon does not move now; null: it may. */
export function obstacle(
  { curKib, maxKib, wantedKib, isRelief, mayReduce, ageMs }: Move,
  history: BalloonHistory | null,
  settings: Settings,
  state: GuardState,
): string | null {
  const isShrink = wantedKib < curKib;
  const movesKib = Math.abs(wantedKib - curKib);
  if (movesKib < settings.dead_band && !isRelief && !(wantedKib >= maxKib))
    return `a move by ${sizeText(movesKib)} is not worth it: the dead-band is ${sizeText(settings.dead_band)}`;
  const target = history?.target ?? null;
  const isSame = target !== null && Math.abs(target.kib - wantedKib) < Math.max(1, settings.dead_band);
  // A step up from the size of the moment would end a larger one halfway, such as relief.
  const endsGrowth = target !== null && !isShrink && !mayReduce && wantedKib < target.kib;
  if (target !== null && target.reachedMs === null && (isSame || endsGrowth))
    return `its balloon is on its way from ${target.fromKib} to ${target.kib}`;
  if (history === null || isRelief) return null;
  if (isShrink && ageMs !== null && ageMs < settings.boot_grace)
    return `the guest appeared ${durationText(ageMs)} ago and is not shrunk for ${durationText(settings.boot_grace)}`;
  const coolDownMs = state.recall(emergencyState) === null ? settings.cool_down : settings.emergency_cool_down;
  const oppositeMs = isShrink ? history.grownMs : history.shrunkMs;
  if (oppositeMs === null || state.steadyMs - oppositeMs >= coolDownMs) return null;
  return `it was ${isShrink ? 'grown' : 'shrunk'} ${durationText(state.steadyMs - oppositeMs)} ago: no opposite move for ${durationText(coolDownMs)}`;
}
