import { controlKey, type PolicyScalar, type RequestedValue } from '../model/control.ts';
import type { Action, Decision, GuardedRequest, Held, Plan } from '../model/decision.ts';
import type { PolicyInput } from '../model/snapshot.ts';
import type { Controller } from '../plugin/controller.ts';
import type { Guard, Relief, Rulings } from '../plugin/guard.ts';
import type { GuardState } from '../plugin/recollection.ts';
import type { PluginSettings } from '../plugin/settings.ts';
import { scalarText } from '../model/scalar-text.ts';
import { settingsFor } from './plugin-settings.ts';
import { Recollections } from './recollections.ts';

/** The guards and controllers of a plan, in the order in which they are called. */
export interface Planners {
  readonly guards: readonly Guard[];
  readonly controllers: readonly Controller[];
}

/** The requests of a policy; of Ballast itself, to restore; or one that a guard has made before, which is looked at again. */
export interface Requests extends Partial<Pick<Decision, 'errors'>> {
  readonly requests: readonly Wanted[];
}

type Wanted = RequestedValue & Pick<GuardedRequest, 'guard'>;

/**
 * Turns the requests of a policy, or of a restore, into actions. Each guard may add requests and sees all of them before any controller plans,
 * then each controller plans its requests, then each guard sees all actions. Pure: the same arguments always give the same plan.
 *
 * @param state what the guards remember; absent: nothing
 */
export function plan(
  planners: Planners,
  { requests: wanted }: Requests,
  input: PolicyInput,
  settings: PluginSettings,
  state: GuardState = new Recollections().state(settings),
): Plan {
  const { guards, controllers } = planners;
  const owners = ownersIn(controllers);
  const held: Held[] = [];
  let requests = ownedRequests(wanted, owners, held);
  for (const guard of guards) {
    const added = guard.relieve?.(requests, input, settingsFor(guard, settings), state) ?? [];
    if (added.length > 0) requests = withRelief(requests, guard.name, added, owners, held);
  }
  for (const guard of guards) {
    const rulings = guard.beforePlan?.(requests, input, settingsFor(guard, settings), state);
    if (rulings === undefined) continue;
    const hold = (request: GuardedRequest, why: string) =>
      held.push(heldBack(request, owners.get(request.name)!.name, why, guard.name));
    requests = applyRulings(requests, rulings, changedRequest, hold);
  }
  const byController = new Map<Controller, GuardedRequest[]>(controllers.map((controller) => [controller, []]));
  for (const request of requests) byController.get(owners.get(request.name)!)!.push(request);
  const planned: Action[] = [];
  for (const [controller, own] of byController) {
    if (own.length === 0) continue;
    const result = controller.plan(own, input, settingsFor(controller, settings));
    for (const action of result.actions) planned.push(action);
    for (const each of result.held) held.push(each);
  }
  let actions: readonly Action[] = planned;
  for (const guard of guards) {
    const rulings = guard.afterPlan?.(actions, input, settingsFor(guard, settings), state);
    if (rulings === undefined) continue;
    const by = guard.name;
    const change = (action: Action, to: PolicyScalar, notes: readonly string[]) => {
      const changed = { ...action, to, notes: [...action.notes, ...notes] };
      return { ...changed, message: owners.get(action.control)!.describe(changed) };
    };
    const hold = ({ controller, control, guest, to }: Action, why: string) =>
      held.push({ kind: 'held', controller, control, guest, wanted: to, why, guard: by });
    actions = applyRulings(actions, rulings, change, hold);
  }
  return { actions, held };
}

const known = new WeakMap<readonly Controller[], ReadonlyMap<string, Controller>>();

/** The controller of each control, by name: the same in every plan. */
function ownersIn(controllers: readonly Controller[]): ReadonlyMap<string, Controller> {
  const before = known.get(controllers);
  if (before !== undefined) return before;
  const owners = new Map(
    controllers.flatMap((controller) => controller.controls.map(({ name }) => [name, controller])),
  );
  known.set(controllers, owners);
  return owners;
}

const NO_NOTES: readonly string[] = [];

/** The requests for controls that a controller handles; the others are held back. */
function ownedRequests(
  requests: readonly Wanted[],
  owners: ReadonlyMap<string, Controller>,
  held: Held[],
): readonly GuardedRequest[] {
  const owned: GuardedRequest[] = [];
  for (const { name, guest, value, reason, position, guard } of requests) {
    // No object spreads here and below: for thousands of requests they cost more than all guards.
    const asked = { name, guest, value, reason, position, asked: value, notes: NO_NOTES };
    const request = guard === undefined ? asked : { ...asked, guard };
    if (owners.has(name)) owned.push(request);
    else held.push(heldBack(request, NO_OWNER, `no active controller handles the control "${name}"`));
  }
  return owned;
}

/** The requests with those of a guard, which take the place of others for the same control and guest. */
function withRelief(
  requests: readonly GuardedRequest[],
  guard: string,
  added: readonly Relief[],
  owners: ReadonlyMap<string, Controller>,
  held: Held[],
): readonly GuardedRequest[] {
  const relief = new Map<string, GuardedRequest>();
  for (const { name, guest, value, reason } of added) {
    // Without a controller, there is nothing to relieve with.
    if (!owners.has(name)) continue;
    const request = { name, guest, value, reason, position: null, asked: value, notes: NO_NOTES, guard };
    relief.set(controlKey(request.name, request.guest), request);
  }
  const left = requests.filter((request) => {
    const instead = relief.get(controlKey(request.name, request.guest));
    if (instead === undefined) return true;
    const why = `the guard ${guard} requests ${scalarText(instead.value)} instead: ${instead.reason ?? ''}`;
    held.push(heldBack(request, owners.get(request.name)!.name, why, guard));
    return false;
  });
  return [...left, ...relief.values()];
}

function changedRequest(request: GuardedRequest, value: PolicyScalar, added: readonly string[]): GuardedRequest {
  const { name, guest, reason, position, asked, notes: before, guard } = request;
  const notes = before.length === 0 ? added : [...before, ...added];
  const changed = { name, guest, value, reason, position, asked, notes };
  return guard === undefined ? changed : { ...changed, guard };
}

/** Applies rulings to a list; held-back items are reported in the order of the rulings. */
function applyRulings<Subject>(
  subjects: readonly Subject[],
  rulings: Rulings<Subject>,
  change: (subject: Subject, value: PolicyScalar, notes: readonly string[]) => Subject,
  hold: (subject: Subject, why: string) => void,
): readonly Subject[] {
  if (rulings.size === 0) return subjects;
  const left: Subject[] = [];
  let found = 0;
  for (const subject of subjects) {
    const ruling = rulings.get(subject);
    if (ruling !== undefined) found += 1;
    if (ruling === undefined) left.push(subject);
    else if (ruling.kind === 'change') left.push(change(subject, ruling.value, ruling.notes));
  }
  // Such a ruling would otherwise be silently ignored.
  if (found < rulings.size) throw new Error('a guard returned a ruling for an unknown subject');
  for (const [subject, ruling] of rulings) if (ruling.kind === 'hold') hold(subject, ruling.why);
  return left;
}

/** Controller name of a control that no controller handles. */
const NO_OWNER = 'none';

function heldBack({ name, guest, asked }: GuardedRequest, controller: string, why: string, guard?: string): Held {
  const held: Held = { kind: 'held', controller, control: name, guest, wanted: asked, why };
  return guard === undefined ? held : { ...held, guard };
}
