import type { GuardedRequest, Outcome } from '../../src/model/decision.ts';
import type { GuestView, PolicyInput } from '../../src/model/snapshot.ts';
import { placesIn } from './roster.ts';

export const BALLOON_TARGET = 'balloon_target';

export interface BalloonRequest {
  readonly request: GuardedRequest;
  readonly view: GuestView;
  /** The place of the guest in the list of the snapshot. */
  readonly at: number;
  /** The wanted size, whole KiB. */
  readonly wantedKib: number;
}

/** The valid requests for balloons of guests in this snapshot; the controller reports the others. */
export function balloonRequests(requests: readonly GuardedRequest[], input: PolicyInput): readonly BalloonRequest[] {
  if (requests.length === 0) return [];
  const places = placesIn(input);
  const valid: BalloonRequest[] = [];
  for (const request of requests) {
    const { name, guest, value } = request;
    const at = guest === null ? undefined : places.get(guest.uuid);
    if (name !== BALLOON_TARGET || at === undefined || typeof value !== 'number' || !Number.isFinite(value)) continue;
    // Adding 0 turns -0 into 0 for messages.
    valid.push({ request, view: input.guests[at]!, at, wantedKib: Math.trunc(value) + 0 });
  }
  return valid;
}

/** The outcomes of balloon writes that reached a guest, or may have, by its uuid. */
export function balloonOutcomes(outcomes: readonly Outcome[]): ReadonlyMap<string, readonly Outcome[]> {
  const byUuid = new Map<string, Outcome[]>();
  for (const outcome of outcomes) {
    const { control, guest } = outcome.action;
    if (control !== BALLOON_TARGET || guest === null || !mayHaveMoved(outcome)) continue;
    const own = byUuid.get(guest.uuid);
    if (own === undefined) byUuid.set(guest.uuid, [outcome]);
    else own.push(outcome);
  }
  return byUuid;
}

/** A write whose outcome is unknown may have been made. */
function mayHaveMoved({ status }: Outcome): boolean {
  return status === 'done' || status === 'failed' || status === 'pending';
}
