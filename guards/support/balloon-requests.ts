import type { GuardedRequest, Outcome } from '../../src/model/decision.ts';
import type { GuestView, PolicyInput } from '../../src/model/snapshot.ts';

export const BALLOON_TARGET = 'balloon_target';

export interface BalloonRequest {
  readonly request: GuardedRequest;
  readonly view: GuestView;
  /** The wanted size, whole KiB. */
  readonly wantedKib: number;
}

/** The valid requests for balloons of guests in this snapshot; the controller reports the others. */
export function balloonRequests(
  requests: readonly GuardedRequest[],
  { guests }: PolicyInput,
): readonly BalloonRequest[] {
  if (requests.length === 0) return [];
  const byUuid = new Map(guests.map((guest) => [guest.uuid, guest]));
  return requests.flatMap((request) => {
    const { name, guest, value } = request;
    const view = guest === null ? undefined : byUuid.get(guest.uuid);
    if (name !== BALLOON_TARGET || view === undefined || typeof value !== 'number' || !Number.isFinite(value))
      return [];
    // Adding 0 turns -0 into 0 for messages.
    return [{ request, view, wantedKib: Math.trunc(value) + 0 }];
  });
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
