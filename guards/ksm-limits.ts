import type { PolicyScalar } from '../src/model/control.ts';
import type { FieldValue } from '../src/model/field.ts';
import { KSM_DIRECTORY, ksmPath } from '../src/host/ksm.ts';
import {
  ADVISOR_MODE,
  NO_ADVISOR,
  PAGES_TO_SCAN,
  RUN,
  UNMERGE,
  type KsmKnob,
  type KsmValue,
} from '../src/host/ksm-knobs.ts';
import { shownScalar } from '../src/model/shown-scalar.ts';

/** What may be done of one request for KSM. */
export type Verdict =
  | { readonly kind: 'write'; readonly value: KsmValue; readonly notes: readonly string[] }
  | { readonly kind: 'unchanged' | 'held'; readonly why: string };

/** The fields of the host in this interval, by name. */
export type Seen = (name: string) => FieldValue | undefined;

/** The field that counts the merged pages in use. */
export const SHARED = 'ksm_pages_shared';

const held = (why: string): Verdict => ({ kind: 'held', why });

/**
 * Holds back what the kernel would refuse, or cannot do, and says why in words; numbers out of range are clamped.
 *
 * @param planned what is to be written in the same interval before this: `run` and the advisor's mode matter
 */
export function judgeKnob(
  wanted: PolicyScalar,
  knob: KsmKnob,
  seen: Seen,
  planned: (knob: KsmKnob) => KsmValue | undefined,
): Verdict {
  const current = seen(knob.name);
  if (current === undefined) return held(`${knob.name} is not collected: that needs the collector host-ksm`);
  if (current === null) {
    const lacks = seen(RUN.name) === null ? `KSM (${KSM_DIRECTORY})` : ksmPath(knob.file);
    return held(`this kernel has no ${lacks}, or it could not be read`);
  }
  const fitted = fit(wanted, knob);
  if ('why' in fitted) return held(fitted.why);
  const { value, notes } = fitted;
  if (knob === PAGES_TO_SCAN) {
    const mode = planned(ADVISOR_MODE) ?? seen(ADVISOR_MODE.name) ?? NO_ADVISOR;
    if (mode !== NO_ADVISOR && value !== current)
      return held(`not writable while ksm_advisor_mode is ${mode}: the kernel's advisor sets it`);
    if (planned(ADVISOR_MODE) === NO_ADVISOR) {
      return { kind: 'write', value, notes: [...notes, 'the kernel resets it when the advisor is turned off'] };
    }
  }
  if (value === current) return { kind: 'unchanged', why: `it is ${value} already` };
  const shared = seen(SHARED);
  if (knob.onlyUnshared && typeof shared === 'number' && shared > 0 && planned(RUN) !== UNMERGE) {
    return held(
      `the kernel takes it only while nothing is shared, and ${shared} pages are: ask for ksm_run ${UNMERGE} with it`,
    );
  }
  return { kind: 'write', value, notes };
}

type Fitted = { readonly value: KsmValue; readonly notes: readonly string[] } | { readonly why: string };

/** The value as the kernel takes it; a fraction is cut off. */
function fit(wanted: PolicyScalar, { name, decl, choices }: KsmKnob): Fitted {
  const usable = typeof wanted === 'string' || (typeof wanted === 'number' && Number.isFinite(wanted));
  if (!usable || typeof wanted !== decl.type)
    return { why: `${name} must be a ${decl.type}, and the policy gave ${shownScalar(wanted)}` };
  // Adding 0 turns -0 into 0, which is what the kernel reads back.
  const value = typeof wanted === 'number' ? Math.trunc(wanted) + 0 : wanted;
  if (choices !== undefined) {
    return choices.includes(value)
      ? { value, notes: [] }
      : { why: `${name} must be one of ${choices.join(', ')}, and the policy gave ${shownScalar(wanted)}` };
  }
  const { min = -Infinity, max = Infinity } = decl;
  const within = Math.min(max, Math.max(min, Number(value)));
  const notes =
    within === value
      ? []
      : [`${within > Number(value) ? 'raised' : 'lowered'} from ${value} to ${within}: it goes from ${min} to ${max}`];
  return { value: within, notes };
}
