import { restoring, type ControlValue, type SourcePosition } from '../src/model/control.ts';
import type { Action, Held, Outcome, Plan } from '../src/model/decision.ts';
import type { FieldValue } from '../src/model/field.ts';
import type { PolicyInput } from '../src/model/snapshot.ts';
import { HostFormatError } from '../src/host/format-error.ts';
import { HostFileError } from '../src/ports/host.ts';
import { ksmPath, readKsm } from '../src/host/ksm.ts';
import {
  ADVISOR_MODE,
  inWritingOrder,
  isKsmValue,
  knobNamed,
  KSM_KNOBS,
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
import { scalarText } from '../src/model/scalar-text.ts';
import { defineController, type Change, type Restoring } from '../src/plugin/controller.ts';
import { DeadlineError, withDeadline } from '../src/support/deadline.ts';
import { fieldOf } from '../src/model/sample.ts';

const NAME = 'ksm';

/** The current host fields, by name. */
type CurrentFields = (name: string) => FieldValue | undefined;

interface Write {
  readonly knob: KsmKnob;
  readonly value: KsmValue;
  readonly notes: readonly string[];
  readonly reason: string | null;
  readonly position: SourcePosition | null;
  readonly guard?: string;
}

/** Kernel samepage merging, one knob at a time. Only changed values are written; they are read back. */
export const ksm = defineController({
  name: NAME,
  controls: KSM_KNOBS.map(({ decl }) => decl),

  plan(requests, input): Plan {
    const current = currentFields(input);
    const writes: Write[] = [];
    const held: Held[] = [];
    for (const { name, guest, value: wanted, asked, notes, reason, position, guard } of governingKnobsFirst(requests)) {
      const knob = knobOf(name);
      const about = { controller: NAME, control: name, guest, wanted: asked };
      if (!isKsmValue(wanted) || typeof wanted !== knob.decl.type) {
        const why = `${name} must be a ${knob.decl.type}; the policy requested ${scalarText(asked)}`;
        held.push({ ...about, kind: 'held', why });
        continue;
      }
      const value = truncateKsmValue(wanted);
      const resets =
        knob === PAGES_TO_SCAN && writes.some((write) => write.knob === ADVISOR_MODE && write.value === NO_ADVISOR);
      if (value === current(name) && !resets) held.push({ ...about, kind: 'unchanged', why: `it is already ${value}` });
      else {
        const all = resets ? [...notes, 'the kernel resets it when the advisor is turned off'] : notes;
        writes.push({ knob, value, notes: all, reason, position, ...(guard !== undefined && { guard }) });
      }
    }
    return { actions: inWritingOrder(writes).map((write) => actionOf(write, current)), held };
  },

  describe,

  values(input) {
    const current = currentFields(input);
    return KSM_KNOBS.flatMap(({ name }) => {
      const value = current(name);
      return isKsmValue(value) ? [{ control: name, guest: null, value }] : [];
    });
  },

  restore: restoreKnobs,

  settled(input, writes) {
    const { host, hostLayout } = input;
    const newest = host.samples.at(-1);
    if (newest === undefined || writes.length === 0) return input;
    const sample = [...newest];
    for (const { control, value } of writes) {
      const index = hostLayout.index.get(control);
      if (index !== undefined && typeof value !== 'boolean') sample[index] = value;
    }
    return { ...input, host: { ...host, samples: [...host.samples.slice(0, -1), sample] } };
  },

  create: ({ host, callTimeoutMs }) => ({
    async apply(action, signal): Promise<Outcome> {
      const { to } = action;
      const { file } = knobOf(action.control);
      if (!isKsmValue(to)) throw new Error(`not an action of ${NAME}: ${action.message}`);
      try {
        const found = await withDeadline(signal, callTimeoutMs, async () => {
          await host.writeText(ksmPath(file), String(to));
          return readKsm(host, file);
        });
        if (found === to) return { action, status: 'done', detail: null };
        return { action, status: 'refused', detail: `${ksmPath(file)} accepted ${to} but reads ${found ?? 'nothing'}` };
      } catch (error) {
        return { action, ...failureOf(error, ksmPath(file), signal) };
      }
    },
  }),
});

function currentFields({ host, hostLayout }: PolicyInput): CurrentFields {
  return (name) => fieldOf(hostLayout, host.samples, name);
}

function knobOf(control: string): KsmKnob {
  const knob = knobNamed(control);
  if (knob === undefined) throw new Error(`not a control of ${NAME}: ${control}`);
  return knob;
}

function describe({ control, from, to }: Change): string {
  return `KSM ${knobOf(control).file} from ${String(from ?? 'an unknown value')} to ${String(to)}`;
}

function actionOf({ knob, value, ...why }: Write, current: CurrentFields): Action {
  const from = current(knob.name) ?? null;
  const change: Change = { control: knob.name, guest: null, from, to: value };
  return { controller: NAME, ...change, message: describe(change), ...why };
}

const HINTS: Readonly<Record<string, string>> = {
  ENOENT: 'not supported by this kernel',
  EACCES: 'controlling KSM requires root',
  EPERM: 'controlling KSM requires root',
  EROFS: '/sys is mounted read-only, as it is in a container',
  EBUSY: 'the kernel accepts it only while no pages are shared; request ksm_run 2 with it',
  EINVAL: 'the kernel rejects this value, or rejects it at present',
};

/** @throws the error itself when it is unexpected */
function failureOf(error: unknown, path: string, signal: AbortSignal): Pick<Outcome, 'status' | 'detail'> {
  if (error instanceof HostFileError) {
    const hint = HINTS[error.code];
    return { status: 'refused', detail: hint === undefined ? error.message : `${error.message}: ${hint}` };
  }
  if (error instanceof HostFormatError) return { status: 'failed', detail: error.message };
  if (error instanceof DeadlineError) return { status: 'failed', detail: `${path}: ${error.message}` };
  if (signal.aborted) return { status: 'failed', detail: `${path}: aborted before the kernel replied` };
  throw error;
}

/**
 * Requests the knobs that were found. When one of them is only writable while no pages are shared, the first pass unmerges; a later
 * one restores `run`, also when the guards did not let it unmerge.
 */
function restoreKnobs(found: readonly ControlValue[], input: PolicyInput, held: readonly Held[]): Restoring {
  const current = currentFields(input);
  const initial = new Map(found.map(({ control, value }) => [control, value]));
  const mode = initial.get(ADVISOR_MODE.name) ?? NO_ADVISOR;
  const modeChanges = initial.has(ADVISOR_MODE.name) && current(ADVISOR_MODE.name) !== mode;
  const changed = found.filter(({ control, value }) => {
    // The advisor sets it while it is on; turning the advisor off resets it.
    if (control === PAGES_TO_SCAN.name) return mode === NO_ADVISOR && (modeChanges || current(control) !== value);
    return current(control) !== value;
  });
  const needsUnmerge = changed.filter(({ control }) => knobOf(control).requiresUnshared);
  if (needsUnmerge.length === 0 || current(PAGES_SHARED) === 0 || current(RUN.name) === UNMERGE)
    return { requests: changed.map((value) => restoring(value)), held: [] };
  const refusal = held.find(({ control, wanted }) => control === RUN.name && wanted === UNMERGE);
  const others = changed.filter((value) => !needsUnmerge.includes(value));
  if (refusal !== undefined) {
    const why = `it needs an unmerge, which was held back: ${refusal.why}`;
    return {
      requests: others.map((value) => restoring(value)),
      held: needsUnmerge.map(({ control, guest, value }) => ({
        kind: 'held',
        controller: NAME,
        control,
        guest,
        wanted: value,
        why,
      })),
    };
  }
  const unmerge = { control: RUN.name, guest: null, value: UNMERGE };
  const first = [unmerge, ...changed.filter(({ control }) => control !== RUN.name)];
  return { requests: first.map((value) => restoring(value)), held: [] };
}
