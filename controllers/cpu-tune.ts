import { controlKey, type ControlDecl } from '../src/model/control.ts';
import type { Action, GuardedRequest, Held, Plan } from '../src/model/decision.ts';
import { safeGuestName } from '../src/model/guest-name.ts';
import { numberOf } from '../src/model/sample.ts';
import { scalarText } from '../src/model/scalar-text.ts';
import type { GuestView, PolicyInput } from '../src/model/snapshot.ts';
import { defineController, type Change } from '../src/plugin/controller.ts';
import { OneByOne, tuningOutcome } from './support/tuning-outcome.ts';

const NAME = 'cpu-tune';

/** The kernel's ranges, as libvirt checks them. Microseconds. */
const QUOTA = { min: 1000, max: 17_592_186_044_415 };
const PERIOD = { min: 1000, max: 1_000_000 };

/** Any negative quota means the same. */
const NO_LIMIT = -1;

/** Less CPU time for a vCPU stops its guest, rather than slowing it down: clocks, watchdogs and disks time out. */
const LEAST_SHARE = 0.01;

const SOURCE = 'libvirt virDomainSetSchedulerParametersFlags, live';

const CONTROLS: readonly ControlDecl[] = [
  {
    name: 'vcpu_quota',
    scope: 'guest',
    type: 'number',
    unit: 'us',
    max: QUOTA.max,
    doc: 'CPU time that each vCPU may use in a period: 1000 or more, and at least 1 % of the period; negative: without limit; fractions are truncated',
    source: SOURCE,
    example: '50000',
  },
  {
    name: 'vcpu_period',
    scope: 'guest',
    type: 'number',
    unit: 'us',
    ...PERIOD,
    doc: 'Length of the period that vcpu_quota applies to; fractions are truncated',
    source: SOURCE,
    example: '100000',
  },
];

/** Limits the CPU time of guests' vCPUs; the collector guest-cpu-tune reads the present limits. */
export const cpuTune = defineController({
  name: NAME,
  optIn: true,
  controls: CONTROLS,
  concurrency: 4,

  plan(requests, { guests, guestLayout }): Plan {
    const byUuid = new Map(guests.map((guest) => [guest.uuid, guest]));
    const wanted = new Map(requests.map((request) => [controlKey(request.name, request.guest), request.value]));
    const actions: Action[] = [];
    const held: Held[] = [];
    for (const request of requests) {
      const { name, guest, asked, notes, reason, position, guard } = request;
      const view = guest === null ? undefined : byUuid.get(guest.uuid);
      const found = view === undefined ? 'the guest is not in this snapshot' : move(request, view, guestLayout, wanted);
      const about = { controller: NAME, control: name, guest, wanted: asked };
      if (typeof found === 'string') held.push({ ...about, kind: 'held', why: found });
      else if (found.from === found.to) held.push({ ...about, kind: 'unchanged', why: `it is already ${found.to}` });
      else {
        const change: Change = { control: name, guest, ...found };
        const action = { controller: NAME, ...change, message: describe(change), reason, position, notes };
        actions.push({ ...action, ...(guard !== undefined && { guard }) });
      }
    }
    return { actions: actions.sort((a, b) => rank(a, actions) - rank(b, actions)), held };
  },

  describe,

  values: ({ guests, guestLayout }) =>
    guests.flatMap(({ name, uuid, samples }) =>
      CONTROLS.flatMap(({ name: control }) => {
        const value = numberOf(guestLayout, samples, control);
        return value === null ? [] : [{ control, guest: { name, uuid }, value: value < 0 ? NO_LIMIT : value }];
      }),
    ),

  create({ hypervisor, callTimeoutMs }) {
    const oneByOne = new OneByOne();
    return {
      apply(action, signal) {
        const { guest, control, to } = action;
        if (guest === null || typeof to !== 'number') throw new Error(`not an action of ${NAME}: ${action.message}`);
        const change = control === 'vcpu_quota' ? { quotaUs: to } : { periodUs: to };
        // Quota and period of a guest belong together: the second is written when the first has been.
        return oneByOne.run(guest.uuid, () =>
          tuningOutcome(action, signal, callTimeoutMs, async (limited) => {
            const after = await hypervisor.tuning.setCpu(guest, change, limited);
            const found = control === 'vcpu_quota' ? after.quotaUs : after.periodUs;
            return found === to || (to < 0 && found < 0) ? null : `libvirt accepted ${to} but reports ${found}`;
          }),
        );
      },
    };
  },
});

function move(
  { name, guest, value }: GuardedRequest,
  { samples }: GuestView,
  layout: PolicyInput['guestLayout'],
  wanted: ReadonlyMap<string, unknown>,
): { readonly from: number; readonly to: number } | string {
  const now = numberOf(layout, samples, name);
  if (now === null)
    return `the present ${name} of this guest is unknown; is the collector guest-cpu-tune in the config?`;
  const from = name === 'vcpu_quota' && now < 0 ? NO_LIMIT : now;
  if (typeof value !== 'number' || !Number.isFinite(value))
    return `${name} must be a number of microseconds; the policy requested ${scalarText(value)}`;
  const to = value < 0 ? NO_LIMIT : Math.trunc(value);
  const { min, max } = name === 'vcpu_quota' ? QUOTA : PERIOD;
  if (name === 'vcpu_quota' && value < 0) return { from, to };
  if (to < min || to > max) return `${name} must be ${min} to ${max}; the policy requested ${scalarText(value)}`;
  const other = name === 'vcpu_quota' ? 'vcpu_period' : 'vcpu_quota';
  const requested = wanted.get(controlKey(other, guest));
  const beside = typeof requested === 'number' ? requested : numberOf(layout, samples, other);
  const [quota, period] = name === 'vcpu_quota' ? [to, beside] : [beside, to];
  if (quota !== null && period !== null && quota >= 0 && quota / period < LEAST_SHARE)
    return `${quota} of ${period} us is less than ${LEAST_SHARE * 100} % of a CPU for each vCPU: the guest would stand still`;
  return { from, to };
}

/**
 * While the first of the two is written and the second is not, a guest must not have less than before and after: a quota
 * that grows comes first, one that shrinks comes last.
 */
function rank({ control, guest, from, to }: Action, all: readonly Action[]): number {
  if (control === 'vcpu_quota') return isMore(from, to) ? 0 : 2;
  const quota = all.find((each) => each.control === 'vcpu_quota' && each.guest?.uuid === guest?.uuid);
  return quota === undefined ? 0 : 1;
}

function isMore(from: unknown, to: unknown): boolean {
  const [before, after] = [Number(from), Number(to)];
  return after < 0 || (before >= 0 && after > before);
}

function describe({ control, guest, from, to }: Change): string {
  return `CPU limit guest:${safeGuestName(guest?.name ?? '')} ${control} from ${String(from)} to ${String(to)}`;
}
