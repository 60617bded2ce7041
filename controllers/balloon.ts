import type { ControlDecl, GuestRef } from '../src/model/control.ts';
import type { Action, GuardedRequest, Held, Outcome, Plan } from '../src/model/decision.ts';
import { safeGuestName } from '../src/model/guest-name.ts';
import { isSameRun } from '../src/model/guest-run.ts';
import type { GuestView, PolicyInput } from '../src/model/snapshot.ts';
import { HypervisorError } from '../src/ports/hypervisor.ts';
import { DeadlineError, withDeadline } from '../src/support/deadline.ts';
import { numberOf } from '../src/model/sample.ts';
import { scalarText } from '../src/model/scalar-text.ts';
import { BALLOON_PAGE_KIB } from '../src/model/units.ts';
import { defineController, type Change } from '../src/plugin/controller.ts';

const NAME = 'balloon';

const TARGET: ControlDecl = {
  name: 'balloon_target',
  scope: 'guest',
  type: 'number',
  unit: 'KiB',
  min: 0,
  doc: 'Memory that the guest should have; fractions are truncated, and the floor and the maximum of the guest apply',
  source: 'libvirt virDomainSetMemoryFlags, live',
};

/** Sets the balloon targets of guests, within the limits of guards/balloon-limits.ts. */
export const balloon = defineController({
  name: NAME,
  controls: [TARGET],
  // libvirtd executes five requests of a client concurrently: one slot stays free for other requests.
  concurrency: 4,

  plan(requests, { guests, guestLayout }): Plan {
    const byUuid = new Map(guests.map((guest) => [guest.uuid, guest]));
    const shrinks: Action[] = [];
    const grows: Action[] = [];
    const held: Held[] = [];
    for (const request of requests) {
      const { guest, asked, notes, reason, position, guard } = request;
      const move = moveFor(request, byUuid, guestLayout);
      if ('why' in move) {
        held.push({ kind: move.kind, controller: NAME, control: TARGET.name, guest, wanted: asked, why: move.why });
        continue;
      }
      const change: Change = { control: TARGET.name, guest, ...move };
      const action = {
        ...{ controller: NAME, ...change, message: describe(change), reason, position, notes },
        ...(guard !== undefined && { guard }),
      };
      (move.to < move.from ? shrinks : grows).push(action);
    }
    // Shrinking comes first: otherwise the host would temporarily need the memory for both.
    return { actions: [...shrinks, ...grows], held };
  },

  describe,

  create: ({ hypervisor, callTimeoutMs }) => {
    const initialSizes = new InitialSizes();
    return {
      observe: (input) => initialSizes.observe(input),
      async apply(action, signal): Promise<Outcome> {
        const { guest, to } = action;
        if (guest === null || typeof to !== 'number') throw new Error(`not an action of ${NAME}: ${action.message}`);
        const outcome = await outcomeOf(action, signal, () =>
          withDeadline(signal, callTimeoutMs, (limited) => hypervisor.setBalloonTarget(guest, to, limited)),
        );
        if (outcome.status === 'done' || outcome.status === 'failed') initialSizes.requested(guest, to);
        return outcome;
      },
      restore: () => initialSizes.restore(),
    };
  },
});

type Move =
  { readonly from: number; readonly to: number } | { readonly kind: 'held' | 'unchanged'; readonly why: string };

function moveFor(
  { guest: ref, value, guard }: GuardedRequest,
  guests: ReadonlyMap<string, GuestView>,
  layout: PolicyInput['guestLayout'],
): Move {
  const held = (why: string): Move => ({ kind: 'held', why });
  if (ref === null) return held('balloon_target is a control of a guest, not of the host');
  const guest = guests.get(ref.uuid);
  if (guest === undefined) return held('the guest is not in this snapshot');
  if (typeof value !== 'number' || !Number.isFinite(value))
    return held(`balloon_target must be a number of KiB; the policy requested ${scalarText(value)}`);
  const cur = numberOf(layout, guest.samples, 'balloon_cur');
  if (cur === null) return held('balloon_cur of this guest is unknown');
  const to = Math.max(0, Math.trunc(value));
  // A guard asks for the size that a guest has when its target is another one.
  if (Math.abs(to - cur) >= BALLOON_PAGE_KIB || guard !== undefined) return { from: cur, to };
  const max = numberOf(layout, guest.samples, 'balloon_max');
  return {
    kind: 'unchanged',
    why: to < cur || max === null ? `it already has ${cur}` : `it already has ${cur}, its maximum is ${max}`,
  };
}

/** MOM's message format, which scripts parse. */
function describe({ guest, from, to }: Change): string {
  return `Ballooning guest:${safeGuestName(guest?.name ?? '')} from ${String(from)} to ${String(to)}`;
}

const STATUS = { gone: 'gone', refused: 'refused', busy: 'held', timeout: 'failed', disconnected: 'failed' } as const;

async function outcomeOf(action: Action, signal: AbortSignal, write: () => Promise<void>): Promise<Outcome> {
  try {
    await write();
    return { action, status: 'done', detail: null };
  } catch (error) {
    if (error instanceof HypervisorError) return { action, status: STATUS[error.kind], detail: error.message };
    if (error instanceof DeadlineError) return { action, status: 'failed', detail: error.message };
    if (signal.aborted) return { action, status: 'failed', detail: 'aborted before the hypervisor replied' };
    throw error;
  }
}

/** A guest that was absent for this time is dropped, milliseconds. */
const EXPIRES_AFTER_MS = 86_400_000;

interface TrackedGuest {
  readonly guest: GuestRef;
  /** A restarted guest has a new balloon. */
  readonly run: GuestView['props'];
  readonly initialKib: number;
  lastKib: number;
  /** The last requested target, until the guest reaches it. */
  requestedKib: number | null;
  seenMs: number;
}

/** The balloon sizes when the guests were first seen, to restore. */
class InitialSizes {
  readonly #guests = new Map<string, TrackedGuest>();

  observe({ guests, guestLayout, timeMs }: PolicyInput): void {
    for (const { name, uuid, props, samples } of guests) {
      const kib = numberOf(guestLayout, samples, 'balloon_cur');
      if (kib === null) continue;
      const known = this.#guests.get(uuid);
      if (known !== undefined && isSameRun(known.run, props)) {
        known.lastKib = kib;
        known.seenMs = timeMs;
        if (known.requestedKib !== null && Math.abs(kib - known.requestedKib) < BALLOON_PAGE_KIB)
          known.requestedKib = null;
      } else {
        this.#guests.set(uuid, {
          guest: { name, uuid },
          run: props,
          initialKib: kib,
          lastKib: kib,
          requestedKib: null,
          seenMs: timeMs,
        });
      }
    }
    for (const [uuid, { seenMs }] of this.#guests) {
      if (timeMs - seenMs > EXPIRES_AFTER_MS) this.#guests.delete(uuid);
    }
  }

  requested({ uuid }: GuestRef, kib: number): void {
    const known = this.#guests.get(uuid);
    if (known !== undefined) known.requestedKib = kib;
  }

  /** Includes guests that are not in the last snapshot: their balloons may have been changed, too. */
  restore(): readonly Action[] {
    return [...this.#guests.values()]
      .map(({ guest, initialKib, lastKib, requestedKib }) => ({ guest, from: requestedKib ?? lastKib, to: initialKib }))
      .filter(({ from, to }) => from !== to)
      .sort((a, b) => a.to - a.from - (b.to - b.from))
      .map((move): Change => ({ control: TARGET.name, ...move }))
      .map((change) => ({
        controller: NAME,
        ...change,
        message: describe(change),
        reason: 'restored to its initial value',
        position: null,
        notes: [],
      }));
  }
}
