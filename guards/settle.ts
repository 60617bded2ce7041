import type { GuardedRequest } from '../src/model/decision.ts';
import { numberOf } from '../src/model/sample.ts';
import type { PolicyInput } from '../src/model/snapshot.ts';
import { defineGuard, type Ruling } from '../src/plugin/guard.ts';
import { balloonHistory, committedKib } from './memory/balloons.ts';
import { painHistory } from './memory/pain.ts';
import { isRecent, SETTLE, shortages, type Shortage } from './memory/shortage.ts';
import { balloonRequests } from './support/balloon-requests.ts';
import { figuresIn } from './support/figures.ts';
import { isRestoring } from './support/restoring.ts';
import { partlyGranted } from './support/grants.ts';
import { sizeText } from './support/rulings.ts';
import { patientIn } from './support/patients.ts';
import { shareOut } from './support/share-out.ts';
import { spareOf } from './support/spare.ts';
import { memoryOf } from './support/per-guest.ts';

/** A guest that uses this share of its size more than when it was shrunk has a new need. */
const NEW_NEED = 0.05;

/**
 * Lets balloons come to rest. A policy with one threshold gives memory above it and takes it back below it, for ever. Growth
 * therefore leaves free what was free when the policy took back from the guest what it had given, and a little more.
 */
export const settle = defineGuard({
  name: 'settle',
  doc: 'Hands out nothing that the policy would take back as soon as it is used',
  settings: SETTLE,
  recalls: [shortages, balloonHistory, painHistory],

  beforePlan(requests, input, settings, state) {
    const rulings = new Map<GuardedRequest, Ruling>();
    if (!settings.enabled) return rulings;
    const known = state.recall(shortages);
    const balloons = state.recall(balloonHistory);
    const claims = balloonRequests(requests, input).flatMap(({ request, view, at, wantedKib }) => {
      const shortage = memoryOf(known, view.uuid);
      const curKib = numberOf(input.guestLayout, view.samples, 'balloon_cur');
      if (request.guard !== undefined || isRestoring(request) || shortage === null || curKib === null) return [];
      if (!isRecent(shortage.tookBackMs, state.steadyMs, settings.remembered)) return [];
      const hasKib = committedKib(memoryOf(balloons, view.uuid), curKib);
      if (wantedKib <= hasKib || needsMore(at, shortage, input) || patientIn(at, input, state) !== null) return [];
      return [{ request, wantedKib, hasKib, freeKib: shortage.freeKib }];
    });
    if (claims.length === 0) return rulings;
    const spare = spareOf(input, state);
    if (spare === null) return rulings;
    const marginKib = settings.margin * (numberOf(input.hostLayout, input.host.samples, 'mem_ordinary') ?? 0);
    const takenAtKib = Math.max(...claims.map(({ freeKib }) => freeKib));
    const leftKib = spare.allocatableKib - spare.promisedKib - takenAtKib - marginKib;
    const shares = shareOut(leftKib, claims.map(({ wantedKib, hasKib }) => wantedKib - hasKib)); // prettier-ignore
    for (const [at, { request, wantedKib, hasKib }] of claims.entries()) {
      const grantKib = shares[at]!;
      if (grantKib >= wantedKib - hasKib) continue;
      const promised =
        spare.promisedKib === 0 ? '' : `, of which ${sizeText(spare.promisedKib)} are promised to guests`;
      const why = `the policy gave it memory and took it back with ${sizeText(takenAtKib)} free on the host, and would do so again; ${sizeText(spare.allocatableKib)} are free${promised}`;
      rulings.set(request, partlyGranted({ wantedKib, hasKib, grantKib }, why));
    }
    return rulings;
  },
});

/** Whether the guest uses clearly more than when it was shrunk. */
function needsMore(at: number, { usedKib }: Shortage, input: PolicyInput): boolean {
  const figures = figuresIn(input)[at] ?? null;
  if (figures === null || figures.usedKib === null || usedKib === null) return false;
  return figures.usedKib > usedKib + NEW_NEED * figures.curKib;
}
