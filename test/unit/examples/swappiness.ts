import { HostFileError } from '../../../src/ports/host.ts';
import type { ControlDecl } from '../../../src/model/control.ts';
import type { Action, Held } from '../../../src/model/decision.ts';
import { defineController, type Change } from '../../../src/plugin/controller.ts';
import { DeadlineError, withDeadline } from '../../../src/support/deadline.ts';
import { numberOf } from '../../../src/model/sample.ts';

const FILE = '/proc/sys/vm/swappiness';

const CONTROL: ControlDecl = {
  name: 'vm_swappiness',
  scope: 'host',
  type: 'number',
  unit: 'none',
  min: 0,
  max: 200,
  source: FILE,
  doc: 'How readily the kernel shall swap',
};

/** Controls the swappiness of the host; the collector host-swappiness reads the current value. */
export const swappiness = defineController({
  name: 'swappiness',
  controls: [CONTROL],

  plan(requests, { host, hostLayout }) {
    const from = numberOf(hostLayout, host.samples, CONTROL.name);
    const actions: Action[] = [];
    const held: Held[] = [];
    for (const { value, asked, guest, notes, reason, position } of requests) {
      const about = { controller: 'swappiness', control: CONTROL.name, guest, wanted: asked };
      const to = Math.trunc(Number(value));
      if (typeof value !== 'number' || !(to >= 0 && to <= 200)) {
        held.push({ ...about, kind: 'held', why: 'vm_swappiness is a number from 0 to 200' });
      } else if (from === null) {
        held.push({ ...about, kind: 'held', why: `the current value is unknown; is ${FILE} there?` });
      } else if (from === to) {
        held.push({ ...about, kind: 'unchanged', why: `it is already ${to}` });
      } else {
        actions.push(actionOf(from, to, { reason, position, notes }));
      }
    }
    return { actions, held };
  },

  describe,

  values({ host, hostLayout }) {
    const value = numberOf(hostLayout, host.samples, CONTROL.name);
    return value === null ? [] : [{ control: CONTROL.name, guest: null, value }];
  },

  create: ({ host, callTimeoutMs }) => ({
    async apply(action, signal) {
      try {
        const found = await withDeadline(signal, callTimeoutMs, async () => {
          await host.writeText(FILE, String(action.to));
          return host.readText(FILE);
        });
        if (Number(found) === action.to) return { action, status: 'done', detail: null };
        return { action, status: 'refused', detail: `${FILE} accepted ${action.to} but reads ${found}` };
      } catch (error) {
        if (error instanceof HostFileError) return { action, status: 'refused', detail: error.message };
        if (error instanceof DeadlineError || signal.aborted)
          return { action, status: 'failed', detail: 'outcome unknown' };
        throw error;
      }
    },
  }),
});

function describe({ from, to }: Pick<Change, 'from' | 'to'>): string {
  return `Swappiness from ${String(from)} to ${String(to)}`;
}

function actionOf(from: number | null, to: number, origin: Pick<Action, 'reason' | 'position' | 'notes'>): Action {
  const message = describe({ from, to });
  return { controller: 'swappiness', control: CONTROL.name, guest: null, from, to, message, ...origin };
}
