import { RETURNS_NOTHING } from '../../src/model/ballooning.ts';
import { fieldOf } from '../../src/model/sample.ts';
import type { GuestView, PolicyInput } from '../../src/model/snapshot.ts';
import type { GuardState } from '../../src/plugin/recollection.ts';
import { balloonHistory, committedKib } from '../memory/balloons.ts';
import { isInPain, PAIN, painHistory } from '../memory/pain.ts';
import { figuresIn, isRunning } from './figures.ts';
import { sizeWithRoom } from './room.ts';
import { sizeText } from './rulings.ts';
import { memoryOf } from './per-guest.ts';

/** Relief answers a sign this recent, milliseconds: afterwards the guest may have what it needs. */
const FRESH_MS = 30_000;
/** Relief makes a guest in pain larger by at least this share of its size: what it has swapped out is not in its figures. */
const LEAST_RELIEF = 0.25;
/** A guest's need grows on until the next relief, as fast as it did; seconds. */
const AHEAD_S = 20;

/** A guest that lacks memory now. Sizes are KiB. */
export interface Patient {
  readonly view: GuestView;
  readonly maxKib: number;
  /** What the guest has or was promised. */
  readonly hasKib: number;
  /** The size that it needs. */
  readonly needsKib: number;
  /** It is not short yet, but will be if it goes on as it did: it gets what the host can spare, and nothing from others. */
  readonly isForeseen: boolean;
  /** The sign and its figures. */
  readonly why: string;
}

/** Until a guest has what the next interval gives it: its report and its balloon take about this long, seconds. */
const DELAY_S = 2;

/**
 * What a guest lacks by its own figures; null: nothing, or it cannot be told.
 * @param at the place of the guest in the list of the snapshot
 */
export function patientIn(at: number, input: PolicyInput, state: GuardState): Patient | null {
  const settings = state.settingsOf(PAIN);
  const layout = input.guestLayout;
  const view = input.guests[at]!;
  const figures = figuresIn(input)[at] ?? null;
  if (
    !settings.enabled ||
    figures === null ||
    figures.usableKib === null ||
    figures.usedKib === null ||
    figures.curKib >= figures.maxKib
  )
    return null;
  if (layout.index.has('state') && !isRunning(fieldOf(layout, view.samples, 'state'))) return null;
  // A balloon that returns nothing may still give back what it holds.
  const off = fieldOf(layout, view.samples, 'ballooning_off') ?? null;
  if (off !== null && !RETURNS_NOTHING.has(off)) return null;
  const history = memoryOf(state.recall(painHistory), view.uuid);
  const { curKib, maxKib, usableKib, usedKib } = figures;
  const sign = isInPain(history, state.steadyMs, FRESH_MS) ? (history?.sign ?? null) : null;
  const hurts = sign !== null && usableKib < settings.room * curKib;
  const riseKibPerS = history?.riseKibPerS ?? 0;
  const lowKib = settings.low * curKib;
  const isForeseen = !hurts && usableKib >= lowKib;
  const growthKibPerS = history?.growthKibPerS ?? 0;
  if (isForeseen && usableKib - growthKibPerS * (intervalS(view) + DELAY_S) >= lowKib) return null;
  const soonKib = usedKib + riseKibPerS * AHEAD_S;
  const roomyKib = sizeWithRoom(soonKib, settings.room);
  const needsKib = Math.max(roomyKib, hurts ? curKib * (1 + LEAST_RELIEF) : 0);
  return {
    view,
    maxKib,
    hasKib: committedKib(memoryOf(state.recall(balloonHistory), view.uuid), curKib),
    needsKib: Math.min(maxKib, Math.ceil(needsKib)),
    isForeseen,
    why: hurts
      ? sign.text
      : `it can use ${sizeText(usableKib)} of its ${sizeText(curKib)} at once, ${
          isForeseen
            ? `and grows by ${sizeText(growthKibPerS)} a second`
            : `less than ${Math.round(settings.low * 100)} %`
        }`,
  };
}

/** Time between the last two samples, seconds; 0: there is only one. */
function intervalS({ times }: GuestView): number {
  const [before, now] = [times.at(-2), times.at(-1)];
  return before === undefined || now === undefined ? 0 : Math.max(0, (now - before) / 1000);
}
