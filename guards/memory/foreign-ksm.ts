import { ADVISOR_MODE, knobNamed, KSM_KNOBS, NO_ADVISOR, PAGES_TO_SCAN } from '../../src/host/ksm-knobs.ts';
import type { Outcome } from '../../src/model/decision.ts';
import type { FieldValue } from '../../src/model/field.ts';
import { defineRecollection } from '../../src/plugin/recollection.ts';
import type { SettingsOf } from '../../src/plugin/settings.ts';
import { FOREIGN_WRITERS } from '../support/foreign-settings.ts';
import { ksmState } from '../support/ksm-state.ts';

/** A knob that something else has changed after Ballast had written it. */
export interface ForeignChange {
  /** What Ballast had written. */
  readonly was: FieldValue;
  /** What it read then, at the last such change. */
  readonly is: FieldValue;
  /** Running services that write KSM, separated by spaces; empty: none is known. */
  readonly services: string;
  /** The guards' time of the last change, milliseconds. */
  readonly lastMs: number;
}

export interface KsmHands {
  /** The value of each knob that Ballast has written, or that it has seen instead. */
  readonly expected: ReadonlyMap<string, FieldValue>;
  /** By control. */
  readonly foreign: ReadonlyMap<string, ForeignChange>;
  /** The advisor's mode in the last snapshot. */
  readonly mode: FieldValue | undefined;
}

/** What else became of a request changed nothing. */
const WRITTEN: ReadonlySet<Outcome['status']> = new Set(['done', 'refused', 'failed']);

const NOTHING: KsmHands = { expected: new Map(), foreign: new Map(), mode: undefined };

/**
 * What Ballast wrote to KSM, and what was changed afterwards. The kernel itself changes one knob only: the advisor sets
 * pages_to_scan while it is on, and turning it off resets that. After `run` 2 the kernel leaves 2 in place (Linux 6.18).
 */
export const foreignKsm = defineRecollection({
  name: 'foreign-ksm',
  initial: NOTHING,
  settings: FOREIGN_WRITERS,

  next(memory, { input, outcomes, steadyMs }, settings): KsmHands {
    const expected = new Map(memory.expected);
    const foreign = new Map(memory.foreign);
    for (const { action, status } of outcomes) {
      const { control, to } = action;
      if (knobNamed(control) === undefined || !WRITTEN.has(status)) continue;
      if (control === ADVISOR_MODE.name) expected.delete(PAGES_TO_SCAN.name);
      // After a refused or failed write, the value is unknown: a refused unmerge stops KSM, and a late write may still come.
      if (status === 'done') expected.set(control, to as FieldValue);
      else expected.delete(control);
    }
    const state = ksmState(input);
    const mode = state.value(ADVISOR_MODE.name);
    if (isAdvised(mode) || isAdvised(memory.mode)) expected.delete(PAGES_TO_SCAN.name);
    for (const { name } of KSM_KNOBS) {
      const was = expected.get(name);
      const is = state.value(name) ?? null;
      if (was === undefined || is === null || is === was) continue;
      expected.set(name, is);
      foreign.set(name, { was, is, services: String(state.value('ksm_services') ?? ''), lastMs: steadyMs });
    }
    for (const [name, change] of foreign) if (hasExpired(change, steadyMs, settings)) foreign.delete(name);
    return { expected, foreign, mode };
  },
});

function isAdvised(mode: FieldValue | undefined): boolean {
  return mode !== undefined && mode !== null && mode !== NO_ADVISOR;
}

function hasExpired({ lastMs }: ForeignChange, steadyMs: number, settings: SettingsOf<typeof FOREIGN_WRITERS.keys>) {
  return settings.ksm !== 'stop' && steadyMs - lastMs >= settings.forget_after;
}
