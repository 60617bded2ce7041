import type { ControlRequest } from '../model/control.ts';
import type { Action, Decision, Held, Plan } from '../model/decision.ts';
import type { PolicyInput } from '../model/snapshot.ts';
import type { Controller, ControllerSettings } from '../plugin/controller.ts';

/**
 * What may be done of what the policy asked for: each controller's `plan` over its own requests, in the order of the
 * list of controllers. It never invents an action: one without a request behind it is a defect of its controller.
 */
export function guard(
  controllers: readonly Controller[],
  decision: Decision,
  input: PolicyInput,
  settings: ControllerSettings,
): Plan {
  const owner = new Map(controllers.flatMap((controller) => controller.controls.map(({ name }) => [name, controller])));
  const byController = new Map<Controller, ControlRequest[]>(controllers.map((controller) => [controller, []]));
  const actions: Action[] = [];
  const held: Held[] = [];
  for (const request of decision.requests) {
    const controller = owner.get(request.name);
    if (controller === undefined) held.push(unowned(request));
    else byController.get(controller)!.push(request);
  }
  for (const [controller, requests] of byController) {
    if (requests.length === 0) continue;
    const plan = controller.plan(requests, input, settings);
    actions.push(...plan.actions);
    held.push(...plan.held);
  }
  return { actions, held };
}

function unowned(request: ControlRequest): Held {
  return {
    kind: 'held',
    controller: 'none',
    control: request.name,
    guest: request.guest,
    wanted: request.value,
    why: `no controller that is in use takes the control "${request.name}"`,
  };
}
