import { z } from 'zod';
import { guestName, guestRef, knownKib } from './common.ts';

export const releaseRequest = z.strictObject({
  guests: z.array(guestName).min(1).max(10_000).optional().meta({ description: 'Absent: all that run' }),
  dry_run: z.boolean().optional().meta({ description: 'Only say what would be given back' }),
});

export const release = z.object({
  asked: z.number().int().meta({ description: 'How many guests this is about' }),
  dry_run: z.boolean(),
  guests: z
    .array(
      guestRef.extend({
        from_kib: knownKib.meta({ description: 'What it had' }),
        to_kib: knownKib.meta({ description: 'Its new target; null: none was set' }),
        max_kib: knownKib.meta({ description: 'What it should get' }),
        why: z.string().nullable().meta({ description: 'Why it has not got all of it; null: it has' }),
      }),
    )
    .meta({ description: 'Those that lacked something, or could not be read' }),
});

export type ReleaseRequest = z.output<typeof releaseRequest>;
export type ReleaseAnswer = z.output<typeof release>;
