import type { ControlDecl } from '../model/control.ts';
import { ksmPath } from './ksm.ts';

export type KsmValue = number | string;

/** A writable KSM file, with the kernel's rules for its values. */
export interface KsmKnob {
  /** Name of the file. */
  readonly file: string;
  /** Name of the control and of the field that shows its value. */
  readonly name: string;
  readonly decl: ControlDecl;
  /** The valid values; absent: all integers from the declaration's min to its max. */
  readonly choices?: readonly KsmValue[];
  /** The kernel returns EBUSY while pages are shared. */
  readonly requiresUnshared: boolean;
}

const UINT_MAX = 4_294_967_295;
const INT_MAX = 2_147_483_647;

type Rules = Pick<ControlDecl, 'unit' | 'doc'> & { readonly min: number; readonly max: number };

function range(file: string, rules: Rules, requiresUnshared = false): KsmKnob {
  const name = `ksm_${file}`;
  return {
    file,
    name,
    requiresUnshared,
    decl: { name, scope: 'host', type: 'number', source: ksmPath(file), ...rules },
  };
}

function onOff(file: string, doc: string, requiresUnshared = false): KsmKnob {
  return choice(file, [0, 1], { min: 0, max: 1, doc }, requiresUnshared);
}

function choice(
  file: string,
  choices: readonly KsmValue[],
  rules: Pick<ControlDecl, 'doc' | 'min' | 'max' | 'example'>,
  requiresUnshared = false,
): KsmKnob {
  const name = `ksm_${file}`;
  const type = typeof choices[0] === 'number' ? 'number' : 'string';
  return {
    file,
    name,
    choices,
    requiresUnshared,
    decl: {
      name,
      scope: 'host',
      type,
      unit: 'none',
      source: ksmPath(file),
      ...(type === 'string' && { choices: choices.map(String) }),
      ...rules,
    },
  };
}

export const RUN = choice('run', [0, 1, 2], {
  min: 0,
  max: 2,
  doc: '0: stop, 1: run, 2: stop and unmerge everything (needs as much memory as was saved)',
});

export const PAGES_TO_SCAN = range('pages_to_scan', {
  unit: 'pages',
  min: 0,
  max: UINT_MAX,
  doc: 'Pages that ksmd scans before it sleeps; not while the advisor sets it',
});

export const SLEEP_MILLISECS = range('sleep_millisecs', {
  unit: 'ms',
  min: 0,
  max: UINT_MAX,
  doc: 'How long ksmd sleeps between two scans; 0 keeps it always busy',
});

export const ADVISOR_MODE = choice('advisor_mode', ['none', 'scan-time'], {
  doc: 'scan-time: the kernel sets pages_to_scan itself; none: it does not, and pages_to_scan begins at 100 again (Linux 6.8)',
  example: '"scan-time"',
});

/** What the kernel sets pages_to_scan to when the advisor is turned off. */
export const PAGES_AFTER_ADVISOR = 100;

/** The value of ADVISOR_MODE that makes pages_to_scan writable. */
export const NO_ADVISOR = 'none';

export const ADVISOR_MIN_PAGES = range('advisor_min_pages_to_scan', {
  unit: 'pages',
  min: 0,
  max: UINT_MAX,
  doc: 'The least that the advisor sets (Linux 6.8)',
});

export const ADVISOR_MAX_PAGES = range('advisor_max_pages_to_scan', {
  unit: 'pages',
  min: 0,
  max: UINT_MAX,
  doc: 'The most that the advisor sets (Linux 6.8)',
});

export const ADVISOR_TARGET_SCAN_TIME = range('advisor_target_scan_time', {
  unit: 's',
  min: 1,
  max: UINT_MAX,
  doc: 'How long one full scan shall take (Linux 6.8)',
});

export const ADVISOR_MAX_CPU = range('advisor_max_cpu', {
  unit: '%',
  min: 0,
  max: 100,
  doc: 'The most of one CPU that the advisor lets ksmd use (Linux 6.8)',
});

/**
 * All knobs in the order of writing. The advisor's bounds precede its mode, because turning the advisor on applies them;
 * the mode precedes pages_to_scan, because turning the advisor off resets it. For `run` see {@link inWritingOrder}.
 */
export const KSM_KNOBS: readonly KsmKnob[] = [
  ADVISOR_MIN_PAGES,
  ADVISOR_MAX_PAGES,
  ADVISOR_TARGET_SCAN_TIME,
  ADVISOR_MAX_CPU,
  ADVISOR_MODE,
  onOff('merge_across_nodes', '1: merge pages of different NUMA nodes, 0: do not; only while nothing is shared', true),
  range(
    'max_page_sharing',
    { unit: 'count', min: 2, max: INT_MAX, doc: 'How many sites may share one page; only while nothing is shared' },
    true,
  ),
  onOff('use_zero_pages', "1: empty pages become the kernel's zero page, 0: they are merged as any other"),
  onOff('smart_scan', '1: skip for a while what was scanned in vain, 0: scan everything (Linux 6.7)'),
  SLEEP_MILLISECS,
  PAGES_TO_SCAN,
  RUN,
];

/** The field with the number of merged pages in use. */
export const PAGES_SHARED = 'ksm_pages_shared';

/** Moves `run` and the advisor's mode to the front, because the rules for other knobs depend on them. */
export function governingKnobsFirst<T extends { readonly name: string }>(requests: readonly T[]): readonly T[] {
  const governs = ({ name }: T) => name === RUN.name || name === ADVISOR_MODE.name;
  return [...requests.filter(governs), ...requests.filter((request) => !governs(request))];
}

const BY_NAME: ReadonlyMap<string, KsmKnob> = new Map(KSM_KNOBS.map((knob) => [knob.name, knob]));

/** The knob of a control or of the field that shows its value; undefined for any other name. */
export function knobNamed(name: string): KsmKnob | undefined {
  return BY_NAME.get(name);
}

export function isKsmValue(value: unknown): value is KsmValue {
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));
}

/** The kernel accepts integers only: fractions are truncated. Adding 0 turns -0 into 0, the value that is read back. */
export function truncateKsmValue(value: KsmValue): KsmValue {
  return typeof value === 'number' ? Math.trunc(value) + 0 : value;
}

/** The value of `run` that stops ksmd and keeps what is merged. */
export const STOP = 0;

/** The value of `run` that unmerges everything. */
export const UNMERGE = 2;

/** The value of `run` that scans and merges. */
export const MERGE = 1;

/**
 * Stopping and unmerging come first, because some knobs are writable only while no pages are shared; starting comes
 * last, after all other knobs are set.
 */
export function inWritingOrder<T extends { readonly knob: KsmKnob; readonly value: KsmValue }>(
  writes: readonly T[],
): readonly T[] {
  const place = ({ knob, value }: T) =>
    knob === RUN ? (value === MERGE ? KSM_KNOBS.length : -1) : KSM_KNOBS.indexOf(knob);
  return [...writes].sort((a, b) => place(a) - place(b));
}
