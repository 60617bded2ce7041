import { z } from 'zod';

// What several resources share. Sizes are KiB, times are ISO 8601 in UTC, durations are seconds.

export const time = z.iso.datetime().meta({ description: 'ISO 8601, UTC' });
/** The last year that ISO 8601 writes with four digits. */
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** A time that is kept in a file. */
export const end = z.iso
  .datetime({ offset: true })
  .refine((text) => Date.parse(text) <= LAST_MS, 'expected a time before the year 10000, in UTC');
const kib = z.number().meta({ description: 'KiB' });
/** null: unknown, which is not zero. */
export const knownKib = kib.nullable();
export const number = z.number().nullable();
export const scalar = z.union([z.number(), z.string(), z.boolean(), z.null(), z.array(z.unknown())]);

export const guestRef = z.object({ name: z.string(), uuid: z.string() });
/** null: the host. */
export const subject = guestRef.nullable().meta({ description: 'The guest; null: the host' });

export const position = z
  .object({ file: z.string(), line: z.number().int(), column: z.number().int() })
  .nullable()
  .meta({ description: 'The call in the policy; null: not a policy asked, but Ballast itself' });

/** A name that somebody gives: of a reservation, a named policy. */
export const givenName = z
  .string()
  .regex(/^[\x20-\x7e]{1,128}$/, 'expected 1 to 128 printable ASCII characters')
  .meta({ description: '1 to 128 printable ASCII characters' });

/** A guest by name or UUID. */
export const guestName = z.string().min(1).max(256).meta({ description: 'The name of a guest, or its UUID' });

/** RFC 9457. */
export const problem = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.number().int(),
    detail: z.string().meta({ description: 'What is wrong, and what would be right' }),
    problems: z.array(z.string()).optional().meta({ description: 'One line for each mistake' }),
  })
  .meta({ description: 'RFC 9457' });

export type Problem = z.output<typeof problem>;
