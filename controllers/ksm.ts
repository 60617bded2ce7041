import type { SourcePosition } from '../src/model/control.ts';
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
  wholeKsmValue,
  type KsmKnob,
  type KsmValue,
} from '../src/host/ksm-knobs.ts';
import { shownScalar } from '../src/model/shown-scalar.ts';
import { defineController, type Change } from '../src/plugin/controller.ts';
import { DeadlineError, withDeadline } from '../src/support/deadline.ts';
import { fieldOf } from '../src/model/sample.ts';

const NAME = 'ksm';

/** The fields of the host in this interval, by name. */
type Seen = (name: string) => FieldValue | undefined;

interface Write {
  readonly knob: KsmKnob;
  readonly value: KsmValue;
  readonly notes: readonly string[];
  readonly reason: string | null;
  readonly position: SourcePosition | null;
}

/** Kernel samepage merging, knob by knob. Only what differs is written, and read back. */
export const ksm = defineController({
  name: NAME,
  controls: KSM_KNOBS.map(({ decl }) => decl),

  plan(requests, input): Plan {
    const seen = seenIn(input);
    const writes: Write[] = [];
    const held: Held[] = [];
    for (const { name, guest, value: wanted, asked, notes, reason, position } of governingKnobsFirst(requests)) {
      const knob = knobOf(name);
      const about = { controller: NAME, control: name, guest, wanted: asked };
      if (!isKsmValue(wanted) || typeof wanted !== knob.decl.type) {
        const why = `${name} must be a ${knob.decl.type}; the policy requested ${shownScalar(asked)}`;
        held.push({ ...about, kind: 'held', why });
        continue;
      }
      const value = wholeKsmValue(wanted);
      const resets =
        knob === PAGES_TO_SCAN && writes.some((write) => write.knob === ADVISOR_MODE && write.value === NO_ADVISOR);
      if (value === seen(name) && !resets) held.push({ ...about, kind: 'unchanged', why: `it is already ${value}` });
      else {
        const all = resets ? [...notes, 'the kernel resets it when the advisor is turned off'] : notes;
        writes.push({ knob, value, notes: all, reason, position });
      }
    }
    return { actions: inWritingOrder(writes).map((write) => actionOf(write, seen)), held };
  },

  describe,

  create: ({ host, callTimeoutMs }) => {
    const first = new Map<KsmKnob, KsmValue>();
    const present = new Map<string, FieldValue | undefined>();
    return {
      observe(input) {
        const seen = seenIn(input);
        present.set(PAGES_SHARED, seen(PAGES_SHARED));
        for (const knob of KSM_KNOBS) {
          const value = seen(knob.name);
          present.set(knob.name, value);
          if (!first.has(knob) && isKsmValue(value)) first.set(knob, value);
        }
      },
      async apply(action, signal): Promise<Outcome> {
        const { to } = action;
        const { file, name } = knobOf(action.control);
        if (!isKsmValue(to)) throw new Error(`not an action of ${NAME}: ${action.message}`);
        try {
          const found = await withDeadline(signal, callTimeoutMs, async () => {
            await host.writeText(ksmPath(file), String(to));
            return readKsm(host, file);
          });
          present.set(name, found);
          if (found === to) return { action, status: 'done', detail: null };
          return {
            action,
            status: 'refused',
            detail: `${ksmPath(file)} accepted ${to} but reads ${found ?? 'nothing'}`,
          };
        } catch (error) {
          const { status, detail } = failureOf(error, ksmPath(file), signal);
          // Nobody knows the value now: putting back writes it in any case.
          if (status === 'failed') present.set(name, undefined);
          return { action, status, detail };
        }
      },
      restore: () => restoring(first, (name) => present.get(name)),
    };
  },
});

function seenIn({ host, hostLayout }: PolicyInput): Seen {
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

function actionOf({ knob, value, notes, reason, position }: Write, seen: Seen): Action {
  const from = seen(knob.name) ?? null;
  const change: Change = { control: knob.name, guest: null, from, to: value };
  return { controller: NAME, ...change, message: describe(change), reason, position, notes };
}

const HINTS: Readonly<Record<string, string>> = {
  ENOENT: 'not supported by this kernel',
  EACCES: 'controlling KSM requires root',
  EPERM: 'controlling KSM requires root',
  EROFS: '/sys is mounted read-only, as it is in a container',
  EBUSY: 'the kernel accepts it only while no pages are shared; request ksm_run 2 with it',
  EINVAL: 'the kernel rejects this value, or rejects it at present',
};

/** @throws what is no known failure */
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

/** What differs from the first values. What the kernel takes only while nothing is shared is reached by unmerging on the way. */
function restoring(first: ReadonlyMap<KsmKnob, KsmValue>, seen: Seen): readonly Action[] {
  const write = (knob: KsmKnob, value: KsmValue): Write => ({
    knob,
    value,
    notes: [],
    reason: 'restored to its initial value',
    position: null,
  });
  const mode = first.get(ADVISOR_MODE) ?? NO_ADVISOR;
  const modeChanges = first.has(ADVISOR_MODE) && seen(ADVISOR_MODE.name) !== mode;
  const changed = [...first]
    .filter(([knob, value]) => {
      // The advisor owns it while it is on, and leaves another value behind when it goes.
      if (knob === PAGES_TO_SCAN) return mode === NO_ADVISOR && (modeChanges || seen(knob.name) !== value);
      return seen(knob.name) !== value;
    })
    .map(([knob, value]) => write(knob, value));
  const unmerges =
    changed.some(({ knob }) => knob.onlyUnshared) && seen(PAGES_SHARED) !== 0 && seen(RUN.name) !== UNMERGE;
  const run = first.get(RUN);
  const writes = unmerges
    ? [
        write(RUN, UNMERGE),
        ...inWritingOrder(changed.filter(({ knob }) => knob !== RUN)),
        ...(run === undefined || run === UNMERGE ? [] : [write(RUN, run)]),
      ]
    : inWritingOrder(changed);
  const seenThen =
    (index: number): Seen =>
    (name) =>
      name === RUN.name && unmerges && index > 0 ? UNMERGE : seen(name);
  return writes.map((one, index) => actionOf(one, seenThen(index)));
}
