import type { ControlValue, GuestRef, PlainScalar, RequestedValue } from '../model/control.ts';
import type { Action, Held, Outcome, Plan } from '../model/decision.ts';
import { safeGuestName } from '../model/guest-name.ts';
import { shortNumber } from '../model/number-text.ts';
import { scalarText } from '../model/scalar-text.ts';
import type { PolicyInput } from '../model/snapshot.ts';
import type { LoggerOf } from '../observe/log/logger.ts';
import { guestField } from '../observe/log-fields.ts';
import { logOutcome } from '../observe/outcome-log.ts';
import type { Restoring } from '../plugin/controller.ts';
import { valueKey } from './control-values.ts';

export interface RestoreParts {
  /** What to restore now. @param held what was held back of earlier requests */
  readonly wanted: (input: PolicyInput, held: readonly Held[]) => Restoring;
  /** Through guards and controllers. */
  readonly plan: (requests: readonly RequestedValue[], input: PolicyInput) => Plan;
  readonly apply: (actions: readonly Action[], signal: AbortSignal) => Promise<readonly Outcome[]>;
  /** Reads the statistics again; null: they cannot be read. */
  readonly look: (signal: AbortSignal) => Promise<PolicyInput | null>;
  /** The input as if these writes had taken effect. */
  readonly settled: (input: PolicyInput, writes: readonly ControlValue[]) => PolicyInput;
}

/** A value that was not restored. */
export interface Left {
  readonly control: string;
  readonly guest: GuestRef | null;
  readonly wanted: RequestedValue['value'];
  readonly why: string;
}

export interface Restored {
  /** In the order of the writes. */
  readonly outcomes: readonly Outcome[];
  readonly left: readonly Left[];
  /** How many values were restored or left. */
  readonly total: number;
}

/** KSM takes two passes, to unmerge and to run again; one more if the guards hold back the first. */
const MAX_PASSES = 3;

/**
 * Requests what is to be restored, as a policy would: through all guards. What was written changes what there is to restore, so it is
 * done in passes, until there is nothing new to request.
 */
export async function restore(first: PolicyInput, parts: RestoreParts, signal: AbortSignal): Promise<Restored> {
  const asked = new Map<string, RequestedValue>();
  const left = new Map<string, Left>();
  const held: Held[] = [];
  const outcomes: Outcome[] = [];
  let input = first;
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const wanted = parts.wanted(input, held);
    const requests = wanted.requests.filter((request) => !asked.has(requestKey(request)));
    for (const request of requests) asked.set(requestKey(request), request);
    const planned = parts.plan(requests, input);
    // Guards may add requests of their own; there is nobody left to follow what they begin.
    const own = planned.actions.filter((action) => requests.some((request) => isFor(request, action)));
    const { writable, halfway } = withoutHalfway(own, requests);
    const refused = planned.held.filter((each) => each.kind === 'held' && requests.some((one) => isFor(one, each)));
    const heldNow = [...wanted.held, ...refused, ...halfway];
    held.push(...heldNow);
    for (const { control, guest, wanted: value, why } of heldNow) {
      left.set(valueKey({ control, guest }), { control, guest, wanted: value, why });
    }
    if (requests.length === 0) break;
    const applied = await parts.apply(writable, signal);
    outcomes.push(...applied);
    for (const outcome of applied) judge(outcome, requests, left);
    if (applied.length > 0) input = (await parts.look(signal)) ?? parts.settled(input, madeBy(applied));
  }
  const unrestored = stillLeft(left, parts.wanted(input, held));
  const written = outcomes.filter(({ status }) => status === 'done' || status === 'gone').map(({ action }) => action);
  return { outcomes, left: unrestored, total: new Set([...written, ...unrestored].map(valueKey)).size };
}

/** Shrinking a guest restores nothing unless it gets there, and after the exit nobody helps one that was shrunk too far. */
function withoutHalfway(actions: readonly Action[], requests: readonly RequestedValue[]) {
  const writable: Action[] = [];
  const halfway: Held[] = [];
  for (const action of actions) {
    const { controller, control, guest, from, to, notes } = action;
    const wanted = valueOf(requests, action);
    const isShrink = guest !== null && typeof from === 'number' && typeof to === 'number' && to < from;
    if (!isShrink || wanted === to) writable.push(action);
    else
      halfway.push({
        kind: 'held',
        controller,
        control,
        guest,
        wanted,
        why: `not shrunk halfway: ${notes.join('; ')}`,
      });
  }
  return { writable, halfway };
}

/** Records whether a write did what was wanted. */
function judge(outcome: Outcome, requests: readonly RequestedValue[], left: Map<string, Left>): void {
  const { action, status, detail } = outcome;
  const { control, guest, to, notes } = action;
  const wanted = valueOf(requests, action);
  if (status === 'gone' || (status === 'done' && to === wanted)) left.delete(valueKey(action));
  else {
    const why = status === 'done' ? notes.join('; ') : (detail ?? status);
    left.set(valueKey(action), { control, guest, wanted, why });
  }
}

function valueOf(requests: readonly RequestedValue[], action: Action): RequestedValue['value'] {
  return requests.find((request) => isFor(request, action))?.value ?? action.to;
}

function isFor({ name, guest }: RequestedValue, of: Pick<Action, 'control' | 'guest'>): boolean {
  return name === of.control && guest?.uuid === of.guest?.uuid;
}

/** Without what has its value by now: KSM must not unmerge, for example, when only the unmerging was held back. */
function stillLeft(left: ReadonlyMap<string, Left>, { requests, held }: Restoring): readonly Left[] {
  const wanted = new Map(requests.map(({ name, guest, value }) => [valueKey({ control: name, guest }), value]));
  for (const each of held) wanted.set(valueKey(each), each.wanted);
  return [...left].flatMap(([key, each]) => {
    const value = wanted.get(key);
    return value === undefined ? [] : [{ ...each, wanted: value }];
  });
}

function madeBy(outcomes: readonly Outcome[]): readonly ControlValue[] {
  return outcomes.flatMap(({ action: { control, guest, to }, status }) =>
    status === 'done' ? [{ control, guest, value: to as PlainScalar }] : [],
  );
}

function requestKey({ name, guest, value }: RequestedValue): string {
  return `${guest?.uuid ?? 'host'} ${name} ${JSON.stringify(value)}`;
}

/** Logs each write, each value that was left as it is, and a summary. */
export function logRestored({ outcomes, left, total }: Restored, how: 'restore' | 'release', log: LoggerOf): void {
  for (const outcome of outcomes) logOutcome(log, outcome);
  for (const { control, guest, wanted, why } of left) {
    const whose = guest === null ? '' : ` of guest:${safeGuestName(guest.name)}`;
    log('engine').warn(
      { control, wanted: typeof wanted === 'number' ? shortNumber(wanted) : wanted, ...guestField(guest) },
      `Left ${control}${whose} unrestored, wanted ${scalarText(wanted)}: ${why}`,
    );
  }
  const fields = { restored: total - left.length, left: left.length };
  const { all, some } = SUMMARIES[how];
  if (left.length === 0) log('engine').info(fields, all);
  else
    log('engine').error(
      fields,
      `${left.length} of ${total} ${some}; the lines before say why, and "ballast release" gives guests back what they lack`,
    );
}

const SUMMARIES = {
  restore: { all: 'All initial values restored', some: 'initial values could not be restored' },
  release: {
    all: 'All guests were set to their maximum, and KSM to its initial values',
    some: 'values could not be given back',
  },
} as const;
