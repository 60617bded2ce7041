import type { ControlRequest, SourcePosition } from '../src/model/control.ts';
import type { Action, Held, Outcome, Plan } from '../src/model/decision.ts';
import type { FieldValue } from '../src/model/field.ts';
import type { PolicyInput } from '../src/model/snapshot.ts';
import { HostFormatError } from '../src/host/format-error.ts';
import { HostFileError } from '../src/ports/host.ts';
import { ksmPath, readKsm } from '../src/host/ksm.ts';
import {
  ADVISOR_MODE,
  inWritingOrder,
  KSM_KNOBS,
  NO_ADVISOR,
  PAGES_TO_SCAN,
  RUN,
  UNMERGE,
  type KsmKnob,
  type KsmValue,
} from '../src/host/ksm-knobs.ts';
import { defineController, type ControllerContext } from '../src/plugin/controller.ts';
import { DeadlineError, withDeadline } from '../src/support/deadline.ts';
import { judgeKnob, SHARED, type Seen } from '../guards/ksm-limits.ts';
import { fieldOf } from '../src/model/sample.ts';

const NAME = 'ksm';

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
    const planned = (knob: KsmKnob) => writes.find((write) => write.knob === knob)?.value;
    for (const request of rulersFirst(requests)) {
      const { name, guest, value: wanted, reason, position } = request;
      const knob = knobOf(name);
      const verdict = judgeKnob(wanted, knob, seen, planned);
      if (verdict.kind === 'write') writes.push({ knob, value: verdict.value, notes: verdict.notes, reason, position });
      else held.push({ kind: verdict.kind, controller: NAME, control: name, guest, wanted, why: verdict.why });
    }
    return { actions: inWritingOrder(writes).map((write) => actionOf(write, seen)), held };
  },

  create: ({ host, settings }: ControllerContext) => {
    const first = new Map<KsmKnob, KsmValue>();
    const present = new Map<string, FieldValue | undefined>();
    return {
      observe(input) {
        const seen = seenIn(input);
        present.set(SHARED, seen(SHARED));
        for (const knob of KSM_KNOBS) {
          const value = seen(knob.name);
          present.set(knob.name, value);
          if (!first.has(knob) && isValue(value)) first.set(knob, value);
        }
      },
      async apply(action, signal): Promise<Outcome> {
        const { to } = action;
        const { file, name } = knobOf(action.control);
        if (!isValue(to)) throw new Error(`not an action of ${NAME}: ${action.message}`);
        try {
          const found = await withDeadline(signal, settings.callTimeoutMs, async () => {
            await host.writeText(ksmPath(file), String(to));
            return readKsm(host, file);
          });
          present.set(name, found);
          if (found === to) return { action, status: 'done', detail: null };
          return { action, status: 'refused', detail: `${ksmPath(file)} took ${to} and reads ${found ?? 'nothing'}` };
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

function isValue(value: unknown): value is KsmValue {
  return typeof value === 'number' || typeof value === 'string';
}

function knobOf(control: string): KsmKnob {
  const knob = KSM_KNOBS.find(({ name }) => name === control);
  if (knob === undefined) throw new Error(`not a control of ${NAME}: ${control}`);
  return knob;
}

/** What becomes of other knobs depends on `run` and on the advisor's mode. */
function rulersFirst(requests: readonly ControlRequest[]): readonly ControlRequest[] {
  const rules = ({ name }: ControlRequest) => name === RUN.name || name === ADVISOR_MODE.name;
  return [...requests.filter(rules), ...requests.filter((request) => !rules(request))];
}

function actionOf({ knob, value, notes, reason, position }: Write, seen: Seen): Action {
  const from = seen(knob.name) ?? null;
  const message = `KSM ${knob.file} from ${from ?? 'an unknown value'} to ${value}`;
  return { controller: NAME, control: knob.name, guest: null, from, to: value, message, reason, position, notes };
}

const HINTS: Readonly<Record<string, string>> = {
  ENOENT: 'this kernel does not have it',
  EACCES: 'it takes root to steer KSM',
  EPERM: 'it takes root to steer KSM',
  EROFS: '/sys is mounted read-only, as it is in a container',
  EBUSY: 'the kernel takes it only while nothing is shared; ask for ksm_run 2 with it',
  EINVAL: 'the kernel does not take this value, or not now',
};

/** @throws what is no known failure */
function failureOf(error: unknown, path: string, signal: AbortSignal): Pick<Outcome, 'status' | 'detail'> {
  if (error instanceof HostFileError) {
    const hint = HINTS[error.code];
    return { status: 'refused', detail: hint === undefined ? error.message : `${error.message}: ${hint}` };
  }
  if (error instanceof HostFormatError) return { status: 'failed', detail: error.message };
  if (error instanceof DeadlineError) return { status: 'failed', detail: `${path}: ${error.message}` };
  if (signal.aborted) return { status: 'failed', detail: `${path}: given up before the kernel answered` };
  throw error;
}

/** What differs from the first values. What the kernel takes only while nothing is shared is reached by unmerging on the way. */
function restoring(first: ReadonlyMap<KsmKnob, KsmValue>, seen: Seen): readonly Action[] {
  const write = (knob: KsmKnob, value: KsmValue): Write => ({
    knob,
    value,
    notes: [],
    reason: 'put back to what it was at start',
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
  const unmerges = changed.some(({ knob }) => knob.onlyUnshared) && seen(SHARED) !== 0 && seen(RUN.name) !== UNMERGE;
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
