import type { ControlDecl, ControlRequest, GuestRef } from '../src/model/control.ts';
import type { Action, Held, Outcome, Plan } from '../src/model/decision.ts';
import { safeGuestName } from '../src/model/guest-name.ts';
import type { GuestView, PolicyInput } from '../src/model/snapshot.ts';
import { HypervisorError } from '../src/ports/hypervisor.ts';
import { BALLOON_PAGE_KIB, judgeTarget, type Verdict } from '../guards/balloon-limits.ts';
import { DeadlineError, withDeadline } from '../src/support/deadline.ts';
import { numberOf } from '../src/model/sample.ts';
import { defineController, type BalloonSettings, type ControllerContext } from '../src/plugin/controller.ts';

const NAME = 'balloon';

const TARGET: ControlDecl = {
  name: 'balloon_target',
  scope: 'guest',
  type: 'number',
  unit: 'KiB',
  min: 0,
  doc: 'Memory that the guest shall have; a fraction is cut off, and the floor and the maximum of the guest hold',
  source: 'libvirt virDomainSetMemoryFlags, live',
};

/** Moves the balloons of guests. What it holds back and clamps is told in guards/balloon-limits.ts. */
export const balloon = defineController({
  name: NAME,
  controls: [TARGET],
  // libvirt takes five requests of a client at once: one stays free for everything else.
  concurrency: 4,

  plan(requests, input, settings): Plan {
    const guests = new Map(input.guests.map((guest) => [guest.uuid, guest]));
    const shrinks: Action[] = [];
    const grows: Action[] = [];
    const held: Held[] = [];
    for (const request of requests) {
      const verdict = judge(request, guests, input, settings.balloon);
      if (verdict.kind !== 'move') held.push(heldBack(request, verdict));
      else (verdict.to < verdict.from ? shrinks : grows).push(moved(request, verdict));
    }
    // Memory is taken before it is given: the other way round the host would need both for a moment.
    return { actions: [...shrinks, ...grows], held };
  },

  create: ({ hypervisor, settings }: ControllerContext) => {
    const firstSizes = new FirstSizes();
    return {
      observe: (input) => firstSizes.observe(input),
      async apply(action, signal): Promise<Outcome> {
        const { guest, to } = action;
        if (guest === null || typeof to !== 'number') throw new Error(`not an action of ${NAME}: ${action.message}`);
        const outcome = await outcomeOf(action, signal, () =>
          withDeadline(signal, settings.callTimeoutMs, (limited) => hypervisor.setBalloonTarget(guest, to, limited)),
        );
        if (outcome.status === 'done' || outcome.status === 'failed') firstSizes.asked(guest, to);
        return outcome;
      },
      restore: () => firstSizes.restore(),
    };
  },
});

function judge(
  request: ControlRequest,
  guests: ReadonlyMap<string, GuestView>,
  { guestLayout }: PolicyInput,
  settings: BalloonSettings,
): Verdict {
  if (request.guest === null) return { kind: 'held', why: 'balloon_target is a control of a guest, not of the host' };
  const guest = guests.get(request.guest.uuid);
  return guest === undefined
    ? { kind: 'held', why: 'the guest is not in this snapshot' }
    : judgeTarget(request.value, guest.samples, guestLayout, settings);
}

function moved(
  { guest, reason, position }: ControlRequest,
  { from, to, notes }: Extract<Verdict, { kind: 'move' }>,
): Action {
  return {
    controller: NAME,
    control: TARGET.name,
    guest,
    from,
    to,
    message: message(guest!, from, to),
    reason,
    position,
    notes,
  };
}

function heldBack({ guest, value }: ControlRequest, { kind, why }: Exclude<Verdict, { kind: 'move' }>): Held {
  return { kind, controller: NAME, control: TARGET.name, guest, wanted: value, why };
}

/** Scripts read this line: its shape is MOM's. */
function message(guest: GuestRef, from: number, to: number): string {
  return `Ballooning guest:${safeGuestName(guest.name)} from ${from} to ${to}`;
}

const STATUS = { gone: 'gone', refused: 'refused', timeout: 'failed', disconnected: 'failed' } as const;

async function outcomeOf(action: Action, signal: AbortSignal, write: () => Promise<void>): Promise<Outcome> {
  try {
    await write();
    return { action, status: 'done', detail: null };
  } catch (error) {
    if (error instanceof HypervisorError) return { action, status: STATUS[error.kind], detail: error.message };
    if (error instanceof DeadlineError) return { action, status: 'failed', detail: error.message };
    if (signal.aborted) return { action, status: 'failed', detail: 'given up before the hypervisor answered' };
    throw error;
  }
}

/** A guest that nobody has seen for so long is gone for good. */
const FORGOTTEN_AFTER_MS = 86_400_000;

interface Watched {
  readonly guest: GuestRef;
  /** libvirt's running id: another one is another run of the guest, with a balloon of its own. */
  readonly id: GuestView['props'][string];
  readonly firstKib: number;
  lastKib: number;
  /** What we asked for last and the guest has not reached yet. */
  askedKib: number | null;
  seenMs: number;
}

/** What the balloons were when their guests were first seen. */
class FirstSizes {
  readonly #guests = new Map<string, Watched>();

  observe({ guests, guestLayout, timeMs }: PolicyInput): void {
    for (const { name, uuid, props, samples } of guests) {
      const kib = numberOf(guestLayout, samples, 'balloon_cur');
      if (kib === null) continue;
      const known = this.#guests.get(uuid);
      const id = props.id ?? null;
      if (known !== undefined && known.id === id) {
        known.lastKib = kib;
        known.seenMs = timeMs;
        if (known.askedKib !== null && Math.abs(kib - known.askedKib) < BALLOON_PAGE_KIB) known.askedKib = null;
      } else {
        this.#guests.set(uuid, {
          guest: { name, uuid },
          id,
          firstKib: kib,
          lastKib: kib,
          askedKib: null,
          seenMs: timeMs,
        });
      }
    }
    for (const [uuid, { seenMs }] of this.#guests) {
      if (timeMs - seenMs > FORGOTTEN_AFTER_MS) this.#guests.delete(uuid);
    }
  }

  asked({ uuid }: GuestRef, kib: number): void {
    const known = this.#guests.get(uuid);
    if (known !== undefined) known.askedKib = kib;
  }

  /** Not only guests of the last snapshot: one that did not answer then may still have a balloon that we moved. */
  restore(): readonly Action[] {
    return [...this.#guests.values()]
      .map(({ guest, firstKib, lastKib, askedKib }) => ({ guest, from: askedKib ?? lastKib, to: firstKib }))
      .filter(({ from, to }) => from !== to)
      .sort((a, b) => a.to - a.from - (b.to - b.from))
      .map(({ guest, from, to }) => ({
        controller: NAME,
        control: TARGET.name,
        guest,
        from,
        to,
        message: message(guest, from, to),
        reason: 'put back to what it was at start',
        position: null,
        notes: [],
      }));
  }
}
