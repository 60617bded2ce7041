import { z } from 'zod';
import { end, givenName, guestName, guestRef, time } from './common.ts';

const what = z.enum(['all', 'ksm', 'balloons', 'guest']).meta({
  description: 'all: KSM and all balloons; guest: the balloon of one guest',
});

export const pause = z.object({
  what,
  guest: guestRef.nullable(),
  since: time,
  until: time.nullable().meta({ description: 'When it ends by itself; null: not before it is resumed' }),
  by: z.string().meta({ description: 'Who asked for it, as far as it is known' }),
  reason: z.string().nullable(),
});

export const pauseRequest = z.strictObject({
  what,
  guest: guestName.optional().meta({ description: 'Only with what = guest' }),
  until: end.optional().meta({ description: 'Absent: until it is resumed' }),
  reason: givenName.optional(),
});

export const resumeRequest = z.strictObject({ what, guest: guestName.optional() });

export const pauses = z.object({
  kept: z.boolean().meta({ description: 'Whether they survive a restart; false: they could not be saved' }),
  pauses: z.array(pause),
});

export const reservation = z.object({
  name: z.string(),
  client: z.string(),
  kib: z.number().int(),
  until: time,
  expired: z.boolean(),
});

export const reservations = z.object({ reservations: z.array(reservation) });

export const reservationRequest = z.strictObject({
  kib: z
    .int()
    .min(1)
    .max(64 * 1024 ** 3)
    .meta({ description: 'KiB' }),
  until: end,
  client: givenName.optional().meta({ description: 'Who asks for it, for messages; default: the client’s name' }),
});

export type Pause = z.output<typeof pause>;
export type PauseRequest = z.output<typeof pauseRequest>;
export type ResumeRequest = z.output<typeof resumeRequest>;
export type Pauses = z.output<typeof pauses>;
export type Reservations = z.output<typeof reservations>;
export type ReservationRequest = z.output<typeof reservationRequest>;
