import type { ControlValue, GuestRef, RequestedValue } from '../model/control.ts';
import type { Action, Outcome, Plan } from '../model/decision.ts';
import type { PolicyInput } from '../model/snapshot.ts';
import type { ActiveControllers } from './controllers.ts';
import { valueKey } from './control-values.ts';
import { restore, type RestoreParts, type Restored } from './restore.ts';

/** What a release did for one guest that lacked something. Sizes are KiB; null: unknown. */
export interface ReleasedGuest {
  readonly guest: GuestRef;
  readonly from: number | null;
  /** The new target; null: none was set. */
  readonly to: number | null;
  /** Its maximum. */
  readonly wanted: number | null;
  /** Why it has not got all; null: it has. */
  readonly why: string | null;
}

export interface ReleaseParts {
  readonly controllers: ActiveControllers;
  readonly plan: (requests: readonly RequestedValue[], input: PolicyInput) => Plan;
  readonly apply: (actions: readonly Action[], signal: AbortSignal) => Promise<readonly Outcome[]>;
  readonly look: RestoreParts['look'];
  readonly dryRun: boolean;
  /** For the log and those who ask later. */
  readonly reason?: string;
}

export interface Release {
  readonly outcomes: readonly Outcome[];
  readonly guests: readonly ReleasedGuest[];
}

/** Gives guests their maximum, as far as the guards allow. @param uuids which */
export async function releaseGuests(
  input: PolicyInput,
  uuids: ReadonlySet<string>,
  { controllers, plan, apply, look, dryRun, reason }: ReleaseParts,
  signal: AbortSignal,
): Promise<Release> {
  const restored = await restore(
    input,
    {
      wanted: (now) => ({
        requests: controllers
          .release(now)
          .filter(({ guest }) => guest !== null && uuids.has(guest.uuid))
          .map((request) => (reason === undefined ? request : { ...request, reason })),
        held: [],
      }),
      plan,
      apply: async (actions, limited) => (dryRun ? asDone(actions) : apply(actions, limited)),
      look: async (limited) => (dryRun ? null : look(limited)),
      settled: (now, writes) => controllers.settled(now, writes),
    },
    signal,
  );
  return { outcomes: dryRun ? [] : restored.outcomes, guests: releasedGuests(restored, controllers.values(input)) };
}

/** @param present the values before */
function releasedGuests({ outcomes, left }: Restored, present: readonly ControlValue[]): readonly ReleasedGuest[] {
  const sizes = new Map(present.map((value) => [valueKey(value), value.value]));
  const short = new Map(left.map((each) => [each.guest?.uuid, each]));
  const done = outcomes.flatMap(({ action: { guest, from, to }, status }): ReleasedGuest[] => {
    if (guest === null || status !== 'done') return [];
    const { wanted = to, why = null } = short.get(guest.uuid) ?? {};
    return [{ guest, from: known(from), to: known(to), wanted: known(wanted), why }];
  });
  const moved = new Set(done.map(({ guest }) => guest.uuid));
  const others = left.flatMap(({ control, guest, wanted, why }): ReleasedGuest[] => {
    if (guest === null || moved.has(guest.uuid)) return [];
    return [{ guest, from: known(sizes.get(valueKey({ control, guest }))), to: null, wanted: known(wanted), why }];
  });
  return [...done, ...others];
}

/** A guest that could not be read, and so gets nothing. */
export function unreadGuest(guest: GuestRef, why: string): ReleasedGuest {
  return { guest, from: null, to: null, wanted: null, why };
}

function known(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function asDone(actions: readonly Action[]): readonly Outcome[] {
  return actions.map((action) => ({ action, status: 'done', detail: null }));
}
