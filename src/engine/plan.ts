import type { PolicyScalar } from '../model/control.ts';
import type { Action, Decision, GuardedRequest, Held, Plan } from '../model/decision.ts';
import type { PolicyInput } from '../model/snapshot.ts';
import type { Controller } from '../plugin/controller.ts';
import type { Guard, Rulings } from '../plugin/guard.ts';
import type { PluginSettings } from '../plugin/settings.ts';
import { settingsFor } from './plugin-settings.ts';

/** The guards and controllers of a plan, in the order in which they are called. */
export interface Planners {
  readonly guards: readonly Guard[];
  readonly controllers: readonly Controller[];
}

/**
 * Turns the requests of a policy into actions. Each guard sees all requests before any controller plans, then each
 * controller plans its own, then each guard sees all actions. Pure: the same arguments always give the same plan.
 */
export function plan(planners: Planners, decision: Decision, input: PolicyInput, settings: PluginSettings): Plan {
  const { guards, controllers } = planners;
  const owners = new Map(
    controllers.flatMap((controller) => controller.controls.map(({ name }) => [name, controller])),
  );
  const held: Held[] = [];
  let requests: readonly GuardedRequest[] = decision.requests.flatMap((request) => {
    const guarded = { ...request, asked: request.value, notes: [] };
    if (owners.has(request.name)) return [guarded];
    held.push(heldBack(guarded, NO_OWNER, `no active controller handles the control "${request.name}"`));
    return [];
  });
  for (const guard of guards) {
    const rulings = guard.beforePlan?.(requests, input, settingsFor(guard, settings));
    if (rulings === undefined) continue;
    const change = (request: GuardedRequest, value: PolicyScalar) => ({ ...request, value });
    const hold = (request: GuardedRequest, why: string) =>
      held.push(heldBack(request, owners.get(request.name)!.name, why));
    requests = ruled(requests, rulings, change, hold);
  }
  const planned: Action[] = [];
  for (const controller of controllers) {
    const own = requests.filter(({ name }) => owners.get(name) === controller);
    if (own.length === 0) continue;
    const part = controller.plan(own, input, settingsFor(controller, settings));
    planned.push(...part.actions);
    held.push(...part.held);
  }
  let actions: readonly Action[] = planned;
  for (const guard of guards) {
    const rulings = guard.afterPlan?.(actions, input, settingsFor(guard, settings));
    if (rulings === undefined) continue;
    const change = (action: Action, to: PolicyScalar) => {
      const changed = { ...action, to };
      return { ...changed, message: owners.get(action.control)!.describe(changed) };
    };
    const hold = ({ controller, control, guest, to }: Action, why: string) =>
      held.push({ kind: 'held', controller, control, guest, wanted: to, why });
    actions = ruled(actions, rulings, change, hold);
  }
  return { actions, held };
}

/** Applies rulings to a list; held-back items are reported in the order of the rulings. */
function ruled<Subject extends { readonly notes: readonly string[] }>(
  subjects: readonly Subject[],
  rulings: Rulings<Subject>,
  change: (subject: Subject, value: PolicyScalar) => Subject,
  hold: (subject: Subject, why: string) => void,
): readonly Subject[] {
  if (rulings.size === 0) return subjects;
  const known = new Set(subjects);
  for (const [subject, ruling] of rulings) {
    // A ruling about anything else would be ignored silently.
    if (!known.has(subject)) throw new Error('a guard returned a ruling for an unknown subject');
    if (ruling.kind === 'hold') hold(subject, ruling.why);
  }
  return subjects.flatMap((subject) => {
    const ruling = rulings.get(subject);
    if (ruling === undefined) return [subject];
    if (ruling.kind === 'hold') return [];
    const changed = change(subject, ruling.value);
    return [{ ...changed, notes: [...subject.notes, ...ruling.notes] }];
  });
}

/** Controller name of a control that no controller handles. */
const NO_OWNER = 'none';

function heldBack({ name, guest, asked }: GuardedRequest, controller: string, why: string): Held {
  return { kind: 'held', controller, control: name, guest, wanted: asked, why };
}
