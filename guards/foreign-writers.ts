import { knobNamed } from '../src/host/ksm-knobs.ts';
import type { GuardedRequest } from '../src/model/decision.ts';
import { defineGuard, type Ruling } from '../src/plugin/guard.ts';
import { foreignKsm, type ForeignChange } from './support/foreign-ksm.ts';
import { FOREIGN_WRITERS } from './support/foreign-settings.ts';
import { hold, ksmRequests, ksmState } from './support/ksm-state.ts';

/**
 * Two writers of one setting undo each other's work in every interval, and neither log explains why. Only settings that
 * Ballast has written are watched: before that, they are anybody's.
 */
export const foreignWriters = defineGuard({
  name: 'foreign-writers',
  doc: 'Names KSM settings that something else changes after Ballast has written them, and writes them again or leaves them alone',
  settings: FOREIGN_WRITERS,
  recalls: [foreignKsm],

  beforePlan(requests, input, settings, guardState) {
    const rulings = new Map<GuardedRequest, Ruling>();
    const { foreign } = guardState.recall(foreignKsm);
    if (foreign.size === 0 || settings.ksm === 'insist' || settings.ksm === 'ignore') return rulings;
    const [first] = foreign;
    const state = ksmState(input);
    for (const { request, knob, value } of ksmRequests(requests)) {
      // The controller says what is unchanged.
      if (value === state.value(knob.name)) continue;
      const own = foreign.get(knob.name);
      if (settings.ksm === 'stop') {
        const [name, change] = own === undefined ? first! : [knob.name, own];
        rulings.set(request, hold(`${changeText(name, change)}; Ballast leaves KSM alone until it is restarted`));
      } else if (own !== undefined) {
        const minutes = Math.ceil((settings.forget_after - (guardState.steadyMs - own.lastMs)) / 60_000);
        rulings.set(request, hold(`${changeText(knob.name, own)}; Ballast leaves it alone for ${minutes} min more`));
      }
    }
    return rulings;
  },

  notices(_input, settings, guardState) {
    const reaction = settings.ksm;
    if (reaction === 'ignore') return [];
    return [...guardState.recall(foreignKsm).foreign].map(([control, change]) => ({
      control,
      guest: null,
      message: `${changeText(control, change)}. ${CANDIDATES}. ${REACTIONS[reaction]}`,
      ended: `${fileOf(control)} is no longer changed by anything else`,
      recurs: reaction === 'insist',
    }));
  },
});

const CANDIDATES = 'Look for ksmtuned, MOM (started by vdsm), a script or an administrator';

const REACTIONS = {
  insist: 'Ballast writes it again each time; foreign_writers.ksm can be yield or stop instead',
  yield: 'Ballast leaves it alone for a while (foreign_writers: ksm is yield)',
  stop: 'Ballast leaves KSM alone until it is restarted (foreign_writers: ksm is stop)',
} as const;

function fileOf(control: string): string {
  return `KSM ${knobNamed(control)?.file ?? control}`;
}

function changeText(control: string, { was, is }: ForeignChange): string {
  return `${fileOf(control)} was changed from ${String(was)} to ${String(is)}, and not by Ballast`;
}
