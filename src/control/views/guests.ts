import type { GuestRef, PolicyScalar, SourcePosition } from '../../model/control.ts';
import type { Held } from '../../model/decision.ts';
import type { Judgement } from '../../model/interval-report.ts';
import type { Layout } from '../../model/field.ts';
import { labelsIn } from '../../model/labels.ts';
import type { CollectProblem, GuestSnapshot } from '../../model/snapshot.ts';
import { unreadGuests } from '../../model/unread-guests.ts';
import type { Guest, Guests } from '../api/guests.ts';
import { BALLOON_TARGET, type Kept } from '../kept/kept.ts';
import { excludedText, fieldsOf, positionOf, scalarOf, timeText } from './plain.ts';

/** What the list of guests is made of, besides what is kept. */
export interface GuestFacts {
  readonly layout: Layout;
  /** The size below which no guard lets a guest be ballooned, KiB. */
  readonly floorKib: (maxKib: number, minKib: number) => number;
  /** Why nothing is written for a guest; null: it is not paused. */
  readonly paused: (guest: GuestRef) => string | null;
}

/** What was asked for one guest's balloon, by a policy or a guard. */
interface Asked {
  readonly value: PolicyScalar;
  readonly by: string;
  readonly reason: string | null;
  readonly position: SourcePosition | null;
}

export function guestsOf(kept: Kept, facts: GuestFacts): Guests {
  const report = kept.last?.report ?? null;
  if (report === null) return { time: null, unread: null, guests: [] };
  const { snapshot } = report;
  const asked = askedIn(kept.judgements);
  const held = heldIn(kept.judgements);
  const problems = new Map(snapshot.problems.flatMap((each) => (each.guest ? [[each.guest.uuid, each] as const] : [])));
  const there = new Set(snapshot.guests.map(({ uuid }) => uuid));
  const common = (guest: GuestRef) => ({
    ...wantedOf(asked.get(guest.uuid)),
    ...targetOf(kept, guest),
    held: (held.get(guest.uuid) ?? []).map(({ control, wanted, guard, why }) => ({
      ...{ control, wanted: scalarOf(wanted), guard: guard ?? null, why },
    })),
    paused: facts.paused(guest),
  });
  return {
    time: timeText(snapshot.timeMs),
    unread: unreadGuests(snapshot.problems)?.message ?? null,
    guests: [
      ...snapshot.guests.map((guest) => ({ ...figuresOf(guest, facts), ...common(guest), excluded: null })),
      ...[...problems.values()]
        .filter(({ guest }) => !there.has(guest!.uuid))
        .map((problem) => ({
          ...unknown(problem),
          ...common(problem.guest!),
          excluded: excludedText(problem.message),
        })),
    ].map((guest) => ({ ...guest, flags: [...guest.flags, ...(guest.paused === null ? [] : ['paused'])] })),
  };
}

type Figures = Omit<
  Guest,
  keyof ReturnType<typeof wantedOf> | keyof ReturnType<typeof targetOf> | 'held' | 'paused' | 'excluded'
>;

function figuresOf({ name, uuid, props, sample }: GuestSnapshot, { layout, floorKib }: GuestFacts): Figures {
  const { number, text, flag } = fieldsOf(layout, sample);
  const labels = props['labels'];
  const [max, min] = [number('balloon_max'), number('balloon_min')];
  const [off, job] = [text('ballooning_off'), text('job')];
  return {
    ...{ name, uuid },
    state: text('state'),
    labels: typeof labels === 'string' ? [...labelsIn(labels)] : [],
    size_kib: number('balloon_cur'),
    max_kib: max,
    min_kib: min,
    floor_kib: max === null ? null : floorKib(max, min ?? 0),
    usable_kib: number('usable') ?? number('mem_unused'),
    resident_kib: number('balloon_rss'),
    pain_age_s: number('pain_age'),
    stats_age_s: number('stats_age'),
    flags: [
      ...(flag('balloon_stuck') === true ? ['stuck'] : []),
      ...(flag('memory_not_returned') === true ? ['not-returned'] : []),
      ...(flag('figures_doubted') === true ? ['doubted'] : []),
      ...(off === null ? [] : [`ballooning-off: ${off}`]),
      ...(job === null || job === 'none' ? [] : [`job: ${job}`]),
      ...(flag('autodeflate') === false ? ['no-autodeflate'] : []),
    ],
  };
}

function unknown({ guest }: CollectProblem): Figures {
  const { name, uuid } = guest!;
  return {
    ...{ name, uuid, state: null, labels: [], flags: [] },
    ...{ size_kib: null, max_kib: null, min_kib: null, floor_kib: null, usable_kib: null, resident_kib: null },
    ...{ pain_age_s: null, stats_age_s: null },
  };
}

function askedIn(judgements: readonly Judgement[]): ReadonlyMap<string, Asked> {
  const asked = new Map<string, Asked>();
  for (const { decision, plan } of judgements) {
    for (const { name, guest, value, reason, position } of decision.requests)
      if (guest !== null && name === BALLOON_TARGET) asked.set(guest.uuid, { value, by: 'policy', reason, position });
    for (const { control, guest, guard, to, reason } of plan.actions)
      if (guest !== null && control === BALLOON_TARGET && guard !== undefined)
        asked.set(guest.uuid, { value: to, by: guard, reason, position: null });
  }
  return asked;
}

function wantedOf(asked: Asked | undefined) {
  const { value = null, by = null, reason = null, position = null } = asked ?? {};
  const wanted = typeof value === 'number' && Number.isFinite(value) ? value : null;
  return { wanted_kib: wanted, wanted_by: by, reason, position: positionOf(position) };
}

function targetOf({ targets }: Kept, { uuid }: GuestRef) {
  const written = targets.get(uuid);
  const to = written?.outcome.action.to;
  if (written === undefined || typeof to !== 'number') return { target_kib: null, target_time: null };
  return { target_kib: to, target_time: timeText(written.timeMs) };
}

/** What is held back now, by UUID: of the last evaluation, and what guards asked for since. */
function heldIn(judgements: readonly Judgement[]): ReadonlyMap<string, readonly Held[]> {
  const byGuest = new Map<string, Held[]>();
  for (const { plan } of judgements) {
    for (const held of plan.held) {
      if (held.kind !== 'held' || held.guest === null) continue;
      const own = byGuest.get(held.guest.uuid) ?? [];
      byGuest.set(held.guest.uuid, [...own.filter(({ control }) => control !== held.control), held]);
    }
    for (const { guest, control } of plan.actions) {
      const own = guest === null ? undefined : byGuest.get(guest.uuid);
      if (own) byGuest.set(guest!.uuid, own.filter((held) => held.control !== control)); // prettier-ignore
    }
  }
  return byGuest;
}
