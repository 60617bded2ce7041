import { isKsmValue, knobNamed, type KsmValue } from '../../src/host/ksm-knobs.ts';
import { defineRecollection } from '../../src/plugin/recollection.ts';

interface Changed {
  /** What the knob was before the emergency. */
  readonly before: KsmValue;
  readonly written: KsmValue;
}

/** The KSM knobs that an emergency has changed and nobody else since, by name. */
export const emergencyKsm = defineRecollection<ReadonlyMap<string, Changed>, Record<string, never>>({
  name: 'emergency-ksm',
  initial: new Map(),

  next(known, { outcomes }) {
    const writes = outcomes.filter(
      ({ status, action }) => status === 'done' && knobNamed(action.control) !== undefined,
    );
    if (writes.length === 0) return known;
    const changed = new Map(known);
    for (const { action } of writes) {
      const { control, guard, from, to } = action;
      const before = changed.get(control)?.before ?? from;
      // A policy that sets a knob knows what it wants, and what is put back needs no more putting back.
      if (guard !== 'emergency' || !isKsmValue(before) || !isKsmValue(to) || to === before) changed.delete(control);
      else changed.set(control, { before, written: to });
    }
    return changed;
  },
});
