import type { Condition } from '../src/model/condition.ts';
import type { GuardedRequest } from '../src/model/decision.ts';
import { fieldOf, numberOf } from '../src/model/sample.ts';
import type { PolicyInput } from '../src/model/snapshot.ts';
import { defineGuard, type Relief, type Ruling } from '../src/plugin/guard.ts';
import type { GuardState } from '../src/plugin/recollection.ts';
import { ADVISOR_MODE, NO_ADVISOR, PAGES_TO_SCAN, RUN, SLEEP_MILLISECS } from '../src/host/ksm-knobs.ts';
import { EMERGENCY, emergencyState, endKib, isLate } from './memory/emergency.ts';
import { emergencyKsm } from './memory/emergency-ksm.ts';
import { painHistory } from './memory/pain.ts';
import { balloonRequests, BALLOON_TARGET } from './support/balloon-requests.ts';
import { donations } from './support/donors.ts';
import { patientIn } from './support/patients.ts';
import { hold } from './support/rulings.ts';

/** How hard KSM scans in an emergency: pages per round, and milliseconds between two rounds. */
const EMERGENCY_PAGES = 2000;
const EMERGENCY_SLEEP_MS = 20;

/**
 * A host with almost no memory left. In this order: nothing is handed out except to guests in pain; balloons may turn round sooner
 * (guard rhythm); those with most to spare give; KSM scans harder; and when that was not enough, guests give what they keep as
 * headroom, down to their floor. Guests in pain are not shrunk even then.
 */
export const emergency = defineGuard({
  name: 'emergency',
  doc: 'Frees memory in a fixed order when the host has almost none left, and hands out none meanwhile',
  settings: EMERGENCY,
  recalls: [emergencyState, emergencyKsm, painHistory],

  relieve(requests, input, settings, state): readonly Relief[] {
    const current = state.recall(emergencyState);
    if (current === null) return ksmAsBefore(requests, input, state);
    const allocatableKib = numberOf(input.hostLayout, input.host.samples, 'mem_allocatable');
    const missingKib = endKib(input, settings) - (allocatableKib ?? 0);
    const reason = `emergency: ${current.why}`;
    const gifts = missingKib <= 0 ? [] : donations(requests, missingKib, input, state, isLate(current));
    return [
      ...gifts.map(({ guest, toKib }) => ({ name: BALLOON_TARGET, guest, value: toKib, reason })),
      ...ksmHarder(requests, input).map((write) => ({ ...write, guest: null, reason })),
    ];
  },

  beforePlan(requests, input, _settings, state) {
    const rulings = new Map<GuardedRequest, Ruling>();
    const current = state.recall(emergencyState);
    if (current === null) return rulings;
    for (const { request, view, at, wantedKib } of balloonRequests(requests, input)) {
      const curKib = numberOf(input.guestLayout, view.samples, 'balloon_cur');
      if (curKib === null || wantedKib <= curKib) continue;
      if (patientIn(at, input, state) !== null) continue;
      rulings.set(request, hold(`nothing is handed out in an emergency: ${current.why}`));
    }
    return rulings;
  },

  conditions(_input, _settings, state): readonly Condition[] {
    const current = state.recall(emergencyState);
    if (current === null) return [];
    return [
      {
        guest: null,
        text: `EMERGENCY: ${current.why}. Guests give what they can spare; look for what takes the memory, or move a guest away`,
        over: 'the emergency is over',
        level: 'error',
      },
    ];
  },
});

/** Without a policy that steers it, KSM would scan as in the emergency for ever. */
function ksmAsBefore(
  requests: readonly GuardedRequest[],
  { host, hostLayout }: PolicyInput,
  state: GuardState,
): readonly Relief[] {
  const asked = new Set(requests.map(({ name }) => name));
  return [...state.recall(emergencyKsm)]
    .filter(([name, { written }]) => !asked.has(name) && fieldOf(hostLayout, host.samples, name) === written)
    .map(([name, { before }]) => ({ name, guest: null, value: before, reason: 'the emergency is over' }));
}

function ksmHarder(requests: readonly GuardedRequest[], { host, hostLayout }: PolicyInput) {
  const current = (name: string) => fieldOf(hostLayout, host.samples, name) ?? null;
  const run = current(RUN.name);
  const advisor = current(ADVISOR_MODE.name);
  const writes: { readonly name: string; readonly value: number }[] = [];
  if (typeof run !== 'number') return writes;
  if (run !== 1) writes.push({ name: RUN.name, value: 1 });
  const asked = new Map(requests.map(({ name, value }) => [name, value]));
  const number = (name: string): number => Number(asked.get(name) ?? current(name));
  if ((advisor === null || advisor === NO_ADVISOR) && number(PAGES_TO_SCAN.name) < EMERGENCY_PAGES)
    writes.push({ name: PAGES_TO_SCAN.name, value: EMERGENCY_PAGES });
  if (number(SLEEP_MILLISECS.name) > EMERGENCY_SLEEP_MS)
    writes.push({ name: SLEEP_MILLISECS.name, value: EMERGENCY_SLEEP_MS });
  return writes;
}
