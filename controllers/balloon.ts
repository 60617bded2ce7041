import { restoring, type ControlDecl, type ControlValue, type RequestedValue } from '../src/model/control.ts';
import type { Action, GuardedRequest, Held, Outcome, Plan } from '../src/model/decision.ts';
import { safeGuestName } from '../src/model/guest-name.ts';
import type { GuestView, PolicyInput } from '../src/model/snapshot.ts';
import { HypervisorError } from '../src/ports/hypervisor.ts';
import { DeadlineError, withDeadline } from '../src/support/deadline.ts';
import { numberOf } from '../src/model/sample.ts';
import { scalarText } from '../src/model/scalar-text.ts';
import { BALLOON_PAGE_KIB } from '../src/model/units.ts';
import { defineController, type Change, type Restoring } from '../src/plugin/controller.ts';

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

  values: ({ guests, guestLayout }) =>
    guests.flatMap(({ name, uuid, samples }) => {
      const value = numberOf(guestLayout, samples, 'balloon_cur');
      return value === null ? [] : [{ control: TARGET.name, guest: { name, uuid }, value }];
    }),

  restore: restoreSizes,

  release: ({ guests, guestLayout }) =>
    guests.flatMap(({ name, uuid, samples }) => {
      const cur = numberOf(guestLayout, samples, 'balloon_cur');
      const max = numberOf(guestLayout, samples, 'balloon_max');
      if (cur === null || max === null || max - cur < BALLOON_PAGE_KIB) return [];
      return [restoring({ control: TARGET.name, guest: { name, uuid }, value: max }, 'given back')];
    }),

  settled(input, writes) {
    const index = input.guestLayout.index.get('balloon_cur');
    const targets = new Map(writes.map(({ guest, value }) => [guest?.uuid, value]));
    if (index === undefined || targets.size === 0) return input;
    const guests = input.guests.map((guest) => {
      const target = targets.get(guest.uuid);
      const newest = guest.samples.at(-1);
      if (typeof target !== 'number' || newest === undefined) return guest;
      return { ...guest, samples: [...guest.samples.slice(0, -1), newest.with(index, target)] };
    });
    return { ...input, guests };
  },

  create: ({ hypervisor, callTimeoutMs }) => ({
    async apply(action, signal): Promise<Outcome> {
      const { guest, to } = action;
      if (guest === null || typeof to !== 'number') throw new Error(`not an action of ${NAME}: ${action.message}`);
      return outcomeOf(action, signal, () =>
        withDeadline(signal, callTimeoutMs, (limited) => hypervisor.setBalloonTarget(guest, to, limited)),
      );
    },
  }),
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

/**
 * Requests the sizes that were found. After the exit nobody helps a guest that was shrunk too far, so one that may have stopped
 * reporting is not shrunk, even if its last figures would still do for a policy.
 */
function restoreSizes(found: readonly ControlValue[], { guests, guestLayout, timeMs }: PolicyInput): Restoring {
  const byUuid = new Map(guests.map((guest) => [guest.uuid, guest]));
  const requests: RequestedValue[] = [];
  const held: Held[] = [];
  for (const value of found) {
    const view = byUuid.get(value.guest?.uuid ?? '');
    const cur = view === undefined ? null : numberOf(guestLayout, view.samples, 'balloon_cur');
    if (cur !== null && Math.abs(cur - Number(value.value)) < BALLOON_PAGE_KIB) continue;
    const silent =
      view === undefined || cur === null || cur < Number(value.value) ? null : silence(view, guestLayout, timeMs);
    if (silent === null) requests.push(restoring(value));
    else
      held.push({
        kind: 'held',
        controller: NAME,
        control: value.control,
        guest: value.guest,
        wanted: value.value,
        why: silent,
      });
  }
  return { requests, held };
}

/** Why a guest may have stopped reporting: its last report is older than its reports have been; null: it reports as before. */
function silence({ samples }: GuestView, layout: PolicyInput['guestLayout'], timeMs: number): string | null {
  const reports = samples
    .map((_, back) => numberOf(layout, samples, 'last_update', samples.length - 1 - back))
    .filter((report) => report !== null);
  const gaps = reports
    .slice(1)
    .map((report, at) => report - reports[at]!)
    .filter((gap) => gap > 0);
  const last = reports.at(-1);
  if (gaps.length === 0 || last === undefined) return null;
  const usual = Math.max(...gaps);
  const ageS = timeMs / 1000 - last;
  if (ageS <= usual + ROUNDING_S) return null;
  return `it may have stopped reporting: its last statistics are ${ageS.toFixed(1)} s old, and it reported every ${usual} s`;
}

/** Reports carry whole seconds. */
const ROUNDING_S = 0.4;
