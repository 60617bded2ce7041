import type { PolicyScalar } from '../src/model/control.ts';
import type { FieldValue } from '../src/model/field.ts';
import { fieldOf } from '../src/model/sample.ts';
import { scalarText } from '../src/model/scalar-text.ts';
import { KSM_DIRECTORY, ksmPath } from '../src/host/ksm.ts';
import {
  ADVISOR_MODE,
  isKsmValue,
  knobNamed,
  NO_ADVISOR,
  PAGES_SHARED,
  PAGES_TO_SCAN,
  RUN,
  governingKnobsFirst,
  UNMERGE,
  truncateKsmValue,
  type KsmKnob,
  type KsmValue,
} from '../src/host/ksm-knobs.ts';
import { defineGuard, type Ruling } from '../src/plugin/guard.ts';

/** The current host fields, by name. */
type CurrentFields = (name: string) => FieldValue | undefined;

/** Holds back writes that the kernel would refuse, and clamps numbers to the kernel's range. */
export const ksmLimits = defineGuard({
  name: 'ksm-limits',
  doc: "Holds back settings that this kernel's KSM lacks or would refuse, and keeps numbers within the kernel's range",

  beforePlan(requests, { host, hostLayout }) {
    const fields: CurrentFields = (name) => fieldOf(hostLayout, host.samples, name);
    const rulings = new Map<(typeof requests)[number], Ruling>();
    // Permitted writes of this interval so far: the rules for other knobs depend on `run` and the advisor's mode.
    const planned = new Map<KsmKnob, KsmValue>();
    for (const request of governingKnobsFirst(requests.filter(({ name }) => knobNamed(name) !== undefined))) {
      const knob = knobNamed(request.name)!;
      const ruling = ruleOn(request.value, knob, fields, planned);
      if (ruling !== null) rulings.set(request, ruling);
      if (ruling?.kind === 'hold') continue;
      const value = ruling === null ? request.value : ruling.value;
      if (isKsmValue(value) && truncateKsmValue(value) !== fields(knob.name))
        planned.set(knob, truncateKsmValue(value));
    }
    return rulings;
  },
});

function ruleOn(
  wanted: PolicyScalar,
  knob: KsmKnob,
  fields: CurrentFields,
  planned: ReadonlyMap<KsmKnob, KsmValue>,
): Ruling | null {
  const current = fields(knob.name);
  if (current === undefined) return hold(`${knob.name} is not collected: requires the collector host-ksm`);
  if (current === null) {
    const lacks = fields(RUN.name) === null ? `KSM (${KSM_DIRECTORY})` : ksmPath(knob.file);
    return hold(`this kernel has no ${lacks}, or it could not be read`);
  }
  // The controller reports values of the wrong type.
  if (!isKsmValue(wanted) || typeof wanted !== knob.decl.type) return null;
  const fitted = fit(wanted, knob);
  if (typeof fitted === 'string') return hold(fitted);
  const { value, notes } = fitted;
  if (knob === PAGES_TO_SCAN) {
    const mode = planned.get(ADVISOR_MODE) ?? fields(ADVISOR_MODE.name) ?? NO_ADVISOR;
    if (mode !== NO_ADVISOR && value !== current)
      return hold(`not writable while ksm_advisor_mode is ${mode}: the kernel's advisor sets it`);
  }
  if (value !== current && knob.requiresUnshared) {
    const shared = fields(PAGES_SHARED);
    if (typeof shared === 'number' && shared > 0 && planned.get(RUN) !== UNMERGE)
      return hold(
        `the kernel accepts it only while no pages are shared (${shared} are); request ksm_run ${UNMERGE} with it`,
      );
  }
  return notes.length > 0 ? { kind: 'change', value, notes } : null;
}

function hold(why: string): Ruling {
  return { kind: 'hold', why };
}

type Fitted = { readonly value: KsmValue; readonly notes: readonly string[] };

/** The value clamped to what the kernel accepts, or the reason why it would refuse it. */
function fit(wanted: KsmValue, { name, decl, choices }: KsmKnob): Fitted | string {
  const value = truncateKsmValue(wanted);
  if (choices !== undefined) {
    return choices.includes(value)
      ? { value, notes: [] }
      : `${name} must be one of ${choices.join(', ')}; the policy requested ${scalarText(wanted)}`;
  }
  const { min = -Infinity, max = Infinity } = decl;
  const within = Math.min(max, Math.max(min, Number(value)));
  if (within === value) return { value, notes: [] };
  const moved = within > Number(value) ? 'raised' : 'lowered';
  return { value: within, notes: [`${moved} from ${value} to ${within}: its range is ${min} to ${max}`] };
}
