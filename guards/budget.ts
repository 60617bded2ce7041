import { numberOf } from '../src/model/sample.ts';
import type { GuardedRequest } from '../src/model/decision.ts';
import type { GuestFigures } from '../src/model/guard-figures.ts';
import { defineGuard, type Ruling } from '../src/plugin/guard.ts';
import { balloonHistory, committedKib } from './memory/balloons.ts';
import { painHistory } from './memory/pain.ts';
import { balloonRequests, BALLOON_TARGET } from './support/balloon-requests.ts';
import { figuresIn } from './support/figures.ts';
import { donations } from './support/donors.ts';
import { patientIn } from './support/patients.ts';
import { partlyGranted } from './support/grants.ts';
import { hold, sizeText } from './support/rulings.ts';
import { sizeWithRoom } from './support/room.ts';
import { shareOut } from './support/share-out.ts';
import { BUDGET, reserveKib, spareOf, type Spare } from './support/spare.ts';
import { allMemories, memoryOf } from './support/per-guest.ts';

/** What is shared out first: this much room in a guest of its size, as a share. */
const NEEDED_ROOM = 0.2;

interface Claim {
  readonly request: GuardedRequest;
  readonly wantedKib: number;
  /** What the guest has or was promised. */
  readonly hasKib: number;
  /** What it asks for beyond that. */
  readonly extraKib: number;
  /** The part of it that the guest needs for some room to work in. */
  readonly neededKib: number;
  readonly isInPain: boolean;
}

/**
 * Hands out no more than the host has. Memory that balloons are about to return does not count until the host was measured to have
 * it, and growth that a guest has not touched yet still counts.
 */
export const budget = defineGuard({
  name: 'budget',
  doc: 'Hands out no more memory in an interval than the host can spare above its reserve, its promises and its reservations',
  settings: BUDGET,
  recalls: [balloonHistory, painHistory],

  /** Frees what is reserved for a guest that is about to start. */
  relieve(requests, input, { enabled }, state) {
    const spare = spareOf(input, state);
    if (!enabled || spare === null || spare.reservedKib === 0 || spare.spareKib >= 0) return [];
    const names = state.reservations.map(({ name, client }) => `${name} (${client})`).join(', ');
    const missingKib = Math.min(spare.reservedKib, -spare.spareKib);
    return donations(requests, missingKib, input, state).map(({ guest, toKib }) => ({
      name: BALLOON_TARGET,
      guest,
      value: toKib,
      reason: `${sizeText(spare.reservedKib)} are reserved for ${names}, and the host lacks ${sizeText(missingKib)}`,
    }));
  },

  beforePlan(requests, input, { enabled }, state) {
    const rulings = new Map<GuardedRequest, Ruling>();
    if (!enabled || !input.hostLayout.index.has('mem_allocatable')) return rulings;
    const claims = claimsIn(requests, input, state);
    if (claims.length === 0) return rulings;
    const spare = spareOf(input, state);
    if (spare === null) {
      for (const { request } of claims) rulings.set(request, hold('what the host can hand out is unknown'));
      return rulings;
    }
    const grants = grantsFor(claims, spare.spareKib);
    const why = reasonFor(spare, claims);
    for (const [at, claim] of claims.entries()) {
      const grantKib = grants[at]!;
      if (grantKib >= claim.extraKib) continue;
      rulings.set(claim.request, partlyGranted({ ...claim, grantKib }, why));
    }
    return rulings;
  },

  verdicts: { granted: (uuid, state) => memoryOf(state.recall(balloonHistory), uuid)?.promisedKib ?? null },

  figures(input, _settings, state) {
    const spare = spareOf(input, state);
    const guests = new Map<string, GuestFigures>();
    for (const [uuid, memory] of allMemories(state.recall(balloonHistory))) {
      const target = memory.target === null ? {} : { targetKib: memory.target.kib };
      guests.set(uuid, { ...target, grantedKib: memory.promisedKib });
    }
    if (spare === null) return { host: { reserveKib: reserveKib(input, state) }, guests };
    const { promisedKib: grantedKib, reservedKib, spareKib } = spare;
    return { host: { reserveKib: spare.reserveKib, grantedKib, reservedKib, spareKib }, guests };
  },
});

function claimsIn(
  requests: readonly GuardedRequest[],
  input: Parameters<typeof balloonRequests>[1],
  state: Parameters<typeof spareOf>[1],
): readonly Claim[] {
  const { guestLayout } = input;
  const balloons = state.recall(balloonHistory);
  return balloonRequests(requests, input).flatMap(({ request, view, at, wantedKib }) => {
    const curKib = numberOf(guestLayout, view.samples, 'balloon_cur');
    if (curKib === null || wantedKib <= curKib) return [];
    const hasKib = committedKib(memoryOf(balloons, view.uuid), curKib);
    const extraKib = wantedKib - hasKib;
    if (extraKib <= 0) return [];
    const usedKib = figuresIn(input)[at]?.usedKib ?? null;
    const neededKib = usedKib === null ? 0 : sizeWithRoom(usedKib, NEEDED_ROOM) - hasKib;
    return [
      {
        ...{ request, wantedKib, hasKib, extraKib },
        neededKib: Math.min(extraKib, Math.max(0, Math.ceil(neededKib))),
        isInPain: request.guard !== undefined || patientIn(at, input, state) !== null,
      },
    ];
  });
}

/** What each claim gets: guests in pain first, then what others need, then what else is asked for. */
function grantsFor(claims: readonly Claim[], spareKib: number): readonly number[] {
  const grants = claims.map(() => 0);
  let leftKib = Math.max(0, spareKib);
  const rounds: readonly ((claim: Claim) => number)[] = [
    (claim) => (claim.isInPain ? claim.extraKib : 0),
    (claim) => (claim.isInPain ? 0 : claim.neededKib),
    (claim) => (claim.isInPain ? 0 : claim.extraKib - claim.neededKib),
  ];
  for (const claimOf of rounds) {
    const asking = claims.map((claim, at) => ({ at, kib: claimOf(claim) })).filter(({ kib }) => kib > 0);
    const shares = shareOut(leftKib, asking.map(({ kib }) => kib)); // prettier-ignore
    for (const [index, { at }] of asking.entries()) {
      grants[at]! += shares[index]!;
      leftKib -= shares[index]!;
    }
  }
  return grants;
}

function reasonFor(
  { allocatableKib, reserveKib, promisedKib, reservedKib, spareKib }: Spare,
  claims: readonly Claim[],
): string {
  const askedKib = claims.reduce((sum, { extraKib }) => sum + extraKib, 0);
  const taken = [
    `a reserve of ${sizeText(reserveKib)}`,
    ...(promisedKib > 0 ? [`${sizeText(promisedKib)} that guests were granted and have not touched yet`] : []),
    ...(reservedKib > 0 ? [`${sizeText(reservedKib)} reserved for guests to come`] : []),
  ].join(' and ');
  return `the host has ${sizeText(allocatableKib)} for guests and keeps ${taken}; ${sizeText(Math.max(0, spareKib))} are left for ${sizeText(askedKib)} of growth`;
}
