import type { Config } from '../config/model.ts';
import type { ControlValue, RequestedValue } from '../model/control.ts';
import type { Action, Held, Outcome, Plan } from '../model/decision.ts';
import { scalarText } from '../model/scalar-text.ts';
import type { CollectProblem, PolicyInput } from '../model/snapshot.ts';
import { unreadGuests } from '../model/unread-guests.ts';
import type { LoggerOf } from '../observe/log/logger.ts';
import type { Restoring } from '../plugin/controller.ts';
import type { ActiveControllers } from './controllers.ts';
import { has, valueKey } from './control-values.ts';
import type { FoundState } from './found-state.ts';
import { logRestored, restore } from './restore.ts';
import { belowMaximum, listed } from './sizes.ts';
import type { StopFile } from './stop-file.ts';

/** Time for restoring at exit, milliseconds; it is a part of the 5 s in which the daemon ends. */
const RESTORE_TIMEOUT_MS = 1500;

/** What is known of the host and its guests. */
export interface View {
  /** null: the host could not be read. */
  readonly input: PolicyInput | null;
  readonly problems: readonly CollectProblem[];
  /** false: the host was not read now, but in the last interval. */
  readonly isFresh: boolean;
}

export interface LeaveParts {
  readonly controllers: ActiveControllers;
  readonly found: FoundState;
  readonly stopFile: StopFile;
  /** Fresh statistics, or those of the last interval if reading takes too long and these are not old. */
  readonly look: (signal: AbortSignal) => Promise<View>;
  /** The last known statistics, for messages. */
  readonly last: () => PolicyInput | null;
  readonly plan: (requests: readonly RequestedValue[], input: PolicyInput) => Plan;
  readonly apply: (actions: readonly Action[], signal: AbortSignal) => Promise<readonly Outcome[]>;
  /** A short time until guests may have moved on. */
  readonly pause: (signal: AbortSignal) => Promise<void>;
  readonly log: LoggerOf;
}

/** What the daemon does with KSM and the balloons at its end. */
export async function leave(how: Config['shutdown'], parts: LeaveParts): Promise<void> {
  if (how === 'leave') return sayWhatStays(parts);
  const { controllers, found, stopFile, log } = parts;
  const stopped = await stopFile.reason();
  if (stopped !== null)
    return log('engine').error(`Nothing was restored: ${stopped}; KSM and the balloons stay as they are`);
  const signal = AbortSignal.timeout(RESTORE_TIMEOUT_MS);
  let view = await parts.look(signal);
  if (view.input === null) {
    const why = view.problems.find(({ guest }) => guest === null)?.message ?? 'no answer in time';
    return log('engine').error(`Nothing was restored: the host could not be read: ${why}`);
  }
  const restored = await restore(
    controllers.settled(view.input, found.values.pending),
    {
      wanted: (input, held) => wantedBy(how, input, held, view.problems, parts),
      plan: parts.plan,
      apply: parts.apply,
      settled: (input, writes) => controllers.settled(input, writes),
      look: async (limited) => {
        const next = await parts.look(limited);
        if (next.input === null || !next.isFresh) return null;
        view = next;
        return controllers.settled(next.input, found.values.pending);
      },
    },
    signal,
  );
  logRestored(restored, how, log);
  if (restored.left.length > 0) return;
  // A Ballast that starts while balloons are still on their way must not take these sizes for what was found at first.
  while (found.values.pending.length > 0 && !signal.aborted) {
    await parts.pause(signal);
    await parts.look(signal);
  }
  if (found.values.pending.length === 0) await found.end();
}

function wantedBy(
  how: 'restore' | 'release',
  input: PolicyInput,
  held: readonly Held[],
  problems: readonly CollectProblem[],
  { controllers, found }: LeaveParts,
): Restoring {
  const { present, absent } = splitByPresence(found.values.all, input, problems);
  if (how === 'restore') {
    const { requests, held: own } = controllers.restore(present, input, held);
    return { requests, held: [...own, ...absent] };
  }
  const ofHost = present.filter(({ guest }) => guest === null);
  const { requests, held: own } = controllers.restore(ofHost, input, held);
  return {
    requests: [...requests, ...controllers.release(input)],
    held: [...own, ...absent, ...heldForUnread(input, problems)],
  };
}

/** Without libvirt, what its guests lack is unknown: that is not nothing. */
function heldForUnread({ guests }: PolicyInput, problems: readonly CollectProblem[]): readonly Held[] {
  const unread = unreadGuests(problems);
  if (unread === undefined || guests.length > 0) return [];
  const wanted = 'the maximum of each guest';
  const why = `the guests could not be read: ${unread.message}`;
  return [{ kind: 'held', controller: 'none', control: 'balloon_target', guest: null, wanted, why }];
}

/** Guests that are gone need nothing; those that could not be read are left, with the reason. */
function splitByPresence(found: readonly ControlValue[], input: PolicyInput, problems: readonly CollectProblem[]) {
  const there = new Set(input.guests.map(({ uuid }) => uuid));
  const why = (uuid: string): string | undefined =>
    (problems.find(({ guest }) => guest?.uuid === uuid) ?? unreadGuests(problems))?.message;
  const present: ControlValue[] = [];
  const absent: Held[] = [];
  for (const value of found) {
    const { control, guest } = value;
    if (guest === null || there.has(guest.uuid)) present.push(value);
    else {
      const because = why(guest.uuid);
      if (because !== undefined)
        absent.push({
          kind: 'held',
          controller: 'none',
          control,
          guest,
          wanted: value.value,
          why: `not in the last snapshot: ${because}`,
        });
    }
  }
  return { present, absent };
}

async function sayWhatStays({ controllers, found, last, log }: LeaveParts): Promise<void> {
  const { values } = found;
  const seen = last();
  if (seen === null) return;
  const input = controllers.settled(seen, values.pending);
  const now = new Map(controllers.values(input).map((value) => [valueKey(value), value.value]));
  const changed = values.all.filter((value) => !has(value, now.get(valueKey(value))));
  const knobs = changed
    .filter(({ guest }) => guest === null)
    .map((value) => `${value.control} ${scalarText(now.get(valueKey(value)) ?? null)}, was ${scalarText(value.value)}`);
  const below = belowMaximum(controllers, input, values);
  const parts = [below, knobs.length === 0 ? null : listed(knobs)].filter((part) => part !== null);
  if (parts.length > 0) log('engine').info(`Left as it is: ${parts.join('; ')}`);
  if (changed.length === 0) await found.end();
}
