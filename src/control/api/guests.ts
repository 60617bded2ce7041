import { z } from 'zod';
import { guestName, guestRef, knownKib, number, position, scalar, subject, time } from './common.ts';

const hold = z.object({
  control: z.string(),
  wanted: scalar,
  guard: z
    .string()
    .nullable()
    .meta({ description: 'The guard that holds it back; null: the controller, or Ballast itself' }),
  why: z.string(),
});

export const guest = guestRef.extend({
  state: z.string().nullable(),
  labels: z.array(z.string()),
  size_kib: knownKib.meta({ description: 'balloon_cur: what it has now' }),
  max_kib: knownKib,
  min_kib: knownKib.meta({ description: 'Its own minimum, of the config or its metadata' }),
  floor_kib: knownKib.meta({ description: 'No guard lets it be ballooned below this' }),
  usable_kib: knownKib.meta({ description: 'What it could use at once, by its last report' }),
  resident_kib: knownKib.meta({ description: 'What its QEMU process holds' }),
  target_kib: knownKib.meta({ description: 'The last target that this Ballast wrote' }),
  target_time: time.nullable(),
  wanted_kib: knownKib.meta({ description: 'What was asked for in the last evaluation, or since by a guard' }),
  wanted_by: z.string().nullable().meta({ description: 'policy, or the name of a guard' }),
  reason: z.string().nullable(),
  position,
  held: z.array(hold),
  pain_age_s: number.meta({ description: 'Seconds since its last sign of pain; null: none' }),
  stats_age_s: number,
  paused: z.string().nullable().meta({ description: 'Why nothing is written for it; null: it is not paused' }),
  flags: z
    .array(z.string())
    .meta({ description: 'stuck, not-returned, doubted, ballooning-off: REASON, job: JOB, paused, no-autodeflate' }),
  excluded: z.string().nullable().meta({ description: 'Why it is not in policy evaluation; null: it is' }),
});

const unread = z.string().nullable().meta({
  description: 'Why the guests could not be read; `guests` is empty then, whatever runs. null: the list is complete',
});

export const guests = z.object({
  time: time.nullable().meta({ description: 'Of the last interval; null: none has finished' }),
  unread,
  guests: z.array(guest),
});

const fields = z.record(z.string(), scalar).meta({ description: 'By field, in its unit; null: not available' });

export const statistics = z.object({
  time: time.nullable().meta({ description: 'Of the last interval; null: none has finished' }),
  host: fields.nullable().meta({ description: 'null: a mandatory field could not be read' }),
  unread,
  guests: z
    .array(guestRef.extend({ fields }))
    .meta({ description: 'Without those that are excluded from policy evaluation' }),
});

export const decision = z.object({
  time,
  control: z.string(),
  guest: subject,
  from: scalar,
  to: scalar,
  asked_by: z
    .string()
    .meta({ description: 'policy, the name of a guard, or Ballast: for a client, as the reason says' }),
  reason: z.string().nullable(),
  position,
  notes: z.array(z.string()).meta({ description: 'What guards changed in the request, and why' }),
  status: z.enum(['done', 'refused', 'failed', 'gone', 'pending', 'held', 'dry-run']),
  detail: z.string().nullable(),
});

const page = {
  complete_since: time
    .nullable()
    .meta({ description: 'Nothing is missing since then; null: no interval has finished' }),
  more: z.boolean().meta({ description: 'Whether there are more than `limit`; these are the newest' }),
};

export const decisions = z.object({ ...page, decisions: z.array(decision).meta({ description: 'Oldest first' }) });

export const heldFor = hold.extend({
  guest: subject,
  first: time,
  last: time,
  times: z.number().int().meta({ description: 'In how many evaluations' }),
  ended: z.boolean().meta({ description: 'Whether it was not held back any more in the last evaluation' }),
});

export const holds = z.object({ ...page, holds: z.array(heldFor).meta({ description: 'By `last`, oldest first' }) });

/** Queries arrive as text. */
const limit = z.coerce.number().int().min(1).max(1000).default(200);
const since = z.iso.datetime({ offset: true }).optional().meta({ description: 'Default: all that is remembered' });
const ofGuest = guestName.optional();
const until = z.iso.datetime({ offset: true }).optional().meta({ description: 'Default: now; to read on backwards' });
export const historyQuery = z.strictObject({ guest: ofGuest, since, until, limit });
export const holdsQuery = z.strictObject({
  guest: ofGuest,
  guard: z.string().min(1).max(128).optional(),
  since,
  limit,
});
export const whyQuery = z.strictObject({
  guest: guestName.optional().meta({ description: 'Absent: the host' }),
  at: z.iso
    .datetime({ offset: true })
    .optional()
    .meta({ description: 'The last evaluation at or before it; default: now' }),
});

export const why = z.object({
  guest: subject,
  time: time.nullable().meta({ description: 'Of the evaluation; null: none is remembered for that time' }),
  conclusion: z.string().meta({ description: 'One sentence' }),
  facts: z.array(z.string()).meta({ description: 'What is known besides: pauses, writes, conditions' }),
  explanation: z
    .string()
    .nullable()
    .meta({ description: 'As ballast explain prints it; null: the evaluation is not kept any more' }),
});

export type Guest = z.output<typeof guest>;
export type Guests = z.output<typeof guests>;
export type DecisionEntry = z.output<typeof decision>;
export type Decisions = z.output<typeof decisions>;
export type HeldFor = z.output<typeof heldFor>;
export type Holds = z.output<typeof holds>;
export type HistoryQuery = z.output<typeof historyQuery>;
export type HoldsQuery = z.output<typeof holdsQuery>;
export type WhyQuery = z.output<typeof whyQuery>;
export type Why = z.output<typeof why>;
export type Statistics = z.output<typeof statistics>;
