import type { GuestView, PolicyInput } from '../../src/model/snapshot.ts';
import type { GuardState } from '../../src/plugin/recollection.ts';
import { balloonHistory, committedKib } from '../memory/balloons.ts';
import { PAIN, painHistory, roomyKib } from '../memory/pain.ts';
import { canGrow, figuresIn } from './figures.ts';
import { sizeText } from './rulings.ts';
import { memoryOf } from './per-guest.ts';

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
  const view = input.guests[at]!;
  const figures = figuresIn(input)[at] ?? null;
  if (
    !settings.enabled ||
    figures === null ||
    figures.usableKib === null ||
    figures.usedKib === null ||
    figures.curKib >= figures.maxKib ||
    !canGrow(view, input.guestLayout)
  )
    return null;
  const history = memoryOf(state.recall(painHistory), view.uuid);
  const { curKib, maxKib, usableKib, usedKib } = figures;
  const want = history?.want ?? null;
  const growthKibPerS = history?.growthKibPerS ?? 0;
  if (want === null && usableKib - growthKibPerS * (intervalS(view) + DELAY_S) >= settings.low * curKib) return null;
  const needsKib = want?.kib ?? roomyKib(usedKib, history?.riseKibPerS ?? 0, settings.room);
  return {
    view,
    maxKib,
    hasKib: committedKib(memoryOf(state.recall(balloonHistory), view.uuid), curKib),
    needsKib: Math.min(maxKib, Math.ceil(needsKib)),
    isForeseen: want === null,
    why:
      want?.hasSign === true
        ? (history?.sign?.text ?? '')
        : `it can use ${sizeText(usableKib)} of its ${sizeText(curKib)} at once, ${
            want === null
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
