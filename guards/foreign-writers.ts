import { knobNamed } from '../src/host/ksm-knobs.ts';
import type { Condition } from '../src/model/condition.ts';
import type { GuardedRequest } from '../src/model/decision.ts';
import { durationText } from '../src/model/duration-text.ts';
import { numberOf } from '../src/model/sample.ts';
import type { PolicyInput } from '../src/model/snapshot.ts';
import { defineGuard, type Ruling } from '../src/plugin/guard.ts';
import type { GuardState } from '../src/plugin/recollection.ts';
import type { SettingsOf } from '../src/plugin/settings.ts';
import { foreignBalloons, type ForeignMove } from './memory/foreign-balloons.ts';
import { foreignKsm, type ForeignChange } from './memory/foreign-ksm.ts';
import { FOREIGN_WRITERS } from './support/foreign-settings.ts';
import { ksmRequests, ksmState } from './support/ksm-state.ts';
import { hold, sizeText } from './support/rulings.ts';

/**
 * Two writers of one setting undo each other's work in every interval, and neither log explains why. Only what Ballast
 * has set is watched: before that, it is anybody's.
 */
export const foreignWriters = defineGuard({
  name: 'foreign-writers',
  doc: 'Names KSM settings and balloons that something else changes after Ballast has set them, and sets them again or leaves them alone',
  settings: FOREIGN_WRITERS,
  recalls: [foreignKsm, foreignBalloons],

  beforePlan(requests, input, settings, state) {
    return new Map([
      ...rulingsForKsm(requests, input, settings, state),
      ...rulingsForBalloons(requests, input, settings, state),
    ]);
  },

  conditions(_input, settings, state) {
    return [...ksmConditions(settings, state), ...balloonConditions(settings, state)];
  },
});

type Settings = SettingsOf<typeof FOREIGN_WRITERS.keys>;

function rulingsForKsm(
  requests: readonly GuardedRequest[],
  input: PolicyInput,
  settings: Settings,
  state: GuardState,
): Map<GuardedRequest, Ruling> {
  const rulings = new Map<GuardedRequest, Ruling>();
  const { foreign } = state.recall(foreignKsm);
  const [first] = foreign;
  if (first === undefined || settings.ksm === 'insist' || settings.ksm === 'ignore') return rulings;
  const current = ksmState(input);
  for (const { request, knob, value } of ksmRequests(requests)) {
    // The controller says what is unchanged.
    if (value === current.value(knob.name)) continue;
    const own = foreign.get(knob.name);
    if (settings.ksm === 'stop') {
      const [name, change] = own === undefined ? first : [knob.name, own];
      rulings.set(request, hold(`${ksmText(name, change)}; Ballast leaves KSM alone until it is restarted`));
    } else if (own !== undefined)
      rulings.set(request, hold(`${ksmText(knob.name, own)}; ${restText(own.lastMs, settings, state)}`));
  }
  return rulings;
}

function rulingsForBalloons(
  requests: readonly GuardedRequest[],
  { guests, guestLayout }: PolicyInput,
  settings: Settings,
  state: GuardState,
): Map<GuardedRequest, Ruling> {
  const rulings = new Map<GuardedRequest, Ruling>();
  if (settings.balloon === 'insist' || settings.balloon === 'ignore') return rulings;
  const { known } = state.recall(foreignBalloons);
  if (known.size === 0) return rulings;
  const sizesKib = new Map(guests.map(({ uuid, samples }) => [uuid, numberOf(guestLayout, samples, 'balloon_cur')]));
  for (const request of requests) {
    const uuid = request.guest?.uuid ?? '';
    const move = known.get(uuid)?.foreign ?? null;
    if (request.name !== 'balloon_target' || move === null) continue;
    // What a guard gives to a guest in need is nobody's policy.
    if (request.guard !== undefined && Number(request.value) > (sizesKib.get(uuid) ?? Infinity)) continue;
    const rest =
      settings.balloon === 'stop'
        ? 'Ballast leaves it alone until Ballast or the guest is restarted'
        : restText(move.lastMs, settings, state);
    rulings.set(request, hold(`${balloonText(move)}; ${rest}`));
  }
  return rulings;
}

function ksmConditions({ ksm: reaction }: Settings, state: GuardState): readonly Condition[] {
  if (reaction === 'ignore') return [];
  return [...state.recall(foreignKsm).foreign].map(([control, change]) => ({
    guest: null,
    text: `${ksmText(control, change)}. ${writersOf(change)}. ${KSM_REACTIONS[reaction]}`,
    over: `${fileOf(control)} is no longer changed by anything else`,
    ...(reaction === 'insist' && { recurring: control }),
  }));
}

function balloonConditions({ balloon: reaction }: Settings, state: GuardState): readonly Condition[] {
  if (reaction === 'ignore') return [];
  return [...state.recall(foreignBalloons).known].flatMap(([uuid, { name, foreign }]) => {
    if (foreign === null) return [];
    return {
      guest: { name, uuid },
      text: `${balloonText(foreign)}. ${BALLOON_WRITERS}. ${BALLOON_REACTIONS[reaction]}`,
      over: 'its balloon is no longer moved by anything else',
      // Sizes are told with and without a fraction, in several units.
      key: 'moved',
    };
  });
}

function writersOf({ services }: ForeignChange): string {
  return services === ''
    ? 'Look for ksmtuned, MOM, a script or an administrator'
    : `Running services that write KSM: ${services.replaceAll(' ', ', ')}`;
}

const KSM_REACTIONS = {
  insist: 'Ballast writes it again each time; foreign_writers.ksm can be yield or stop instead',
  yield: 'Ballast leaves it alone for a while (foreign_writers: ksm is yield)',
  stop: 'Ballast leaves KSM alone until it is restarted (foreign_writers: ksm is stop)',
} as const;

const BALLOON_WRITERS = "Look for virsh setmem, another manager of balloons such as MOM, or the guest's own driver";

const BALLOON_REACTIONS = {
  insist: 'Ballast goes on; foreign_writers.balloon can be yield or stop instead',
  yield: 'Ballast leaves it alone for a while (foreign_writers: balloon is yield)',
  stop: 'Ballast leaves it alone until Ballast or the guest is restarted (foreign_writers: balloon is stop)',
} as const;

function restText(lastMs: number, { forget_after: afterMs }: Settings, { steadyMs }: GuardState): string {
  return `Ballast leaves it alone for ${durationText(afterMs - (steadyMs - lastMs))} more`;
}

function fileOf(control: string): string {
  return `KSM ${knobNamed(control)?.file ?? control}`;
}

function ksmText(control: string, { was, is }: ForeignChange): string {
  return `${fileOf(control)} was changed from ${String(was)} to ${String(is)}, and not by Ballast`;
}

function balloonText({ wasKib, isKib }: ForeignMove): string {
  return `its balloon was moved from ${sizeText(wasKib)} to ${sizeText(isKib)}, and not by Ballast`;
}
