import { z } from 'zod';
import { knownKib, number, subject, time, guestRef } from './common.ts';
import { pause } from './pauses.ts';
import { shadow } from './shadow.ts';

export const version = z.object({
  version: z.string(),
  api: z.literal(1),
  node: z.string(),
  pid: z.number().int(),
  started: time,
});

export const condition = z.object({
  guard: z.string(),
  guest: subject,
  text: z.string(),
  level: z.enum(['info', 'warn', 'error']),
});

const interval = z.object({
  time: time.meta({ description: 'When the collection began' }),
  age_s: z.number().meta({ description: 'Seconds since the interval ended, by the monotonic clock' }),
  guests: number.meta({ description: 'Guests with statistics; null: libvirt could not be asked' }),
  evaluated: z.boolean().meta({ description: 'Whether the policies were evaluated in it' }),
  writes: z.number().int(),
  failed_writes: z.number().int(),
  policy_errors: z.array(z.string()),
  collect_ms: z.number(),
  decide_ms: z.number(),
  apply_ms: z.number(),
});

export const status = z.object({
  version: z.string(),
  pid: z.number().int(),
  started: time,
  health: z.enum(['starting', 'ok', 'paused', 'problems', 'stopped', 'late']).meta({
    description:
      'starting: no interval has finished. late: no interval has finished for three collect intervals. stopped: the stop file is there. problems: see `problems`. paused: KSM and all balloons are. ok: none of these; a part can be paused, see `pauses`',
  }),
  problems: z.array(z.string()).meta({ description: 'What is wrong now, a line each' }),
  dry_run: z.boolean(),
  records_only: z.boolean().meta({ description: 'ballast record: no policy is evaluated' }),
  libvirt: z.object({ uri: z.string(), connected: z.boolean() }),
  collect_interval_s: z.number(),
  policy_interval_s: z.number(),
  policies: z
    .array(z.string())
    .meta({ description: 'Files, or names of texts that were set through the control socket' }),
  shadow: shadow.nullable().meta({ description: 'What a second policy would have decided; null: there is none' }),
  intervals: z.number().int(),
  evaluations: z.number().int(),
  last_interval: interval.nullable(),
  host: z
    .object({
      total_kib: knownKib,
      ordinary_kib: knownKib.meta({ description: 'Without huge pages' }),
      allocatable_kib: knownKib.meta({ description: 'What the host could hand out now' }),
      unused_kib: knownKib,
      swap_total_kib: knownKib,
      swap_used_kib: knownKib,
    })
    .nullable()
    .meta({ description: 'null: the host could not be read' }),
  overcommit: z
    .object({
      guests: number,
      promised_kib: knownKib.meta({ description: 'The maximum of all running guests together' }),
      with_statistics: number.meta({ description: 'Guests with statistics, which policies can balloon' }),
      promised_with_statistics_kib: knownKib,
      without_statistics: number,
      promised_without_statistics_kib: knownKib,
      current_kib: knownKib,
      resident_kib: knownKib,
      ratio: number.meta({ description: 'promised_kib divided by ordinary_kib' }),
    })
    .nullable()
    .meta({ description: 'A figure of guests is null, not 0, while libvirt cannot be asked' }),
  ksm: z
    .object({
      run: number,
      saved_kib: knownKib,
      profit_kib: knownKib.meta({ description: 'What is saved, less the kernel’s own bookkeeping' }),
      cpu: number.meta({ description: 'ksmd’s share of one CPU, 0 to 1' }),
    })
    .nullable(),
  pauses: z.array(pause),
  conditions: z.array(condition),
  excluded: z
    .array(z.object({ guest: guestRef, message: z.string() }))
    .meta({ description: 'Guests that are not in policy evaluation, and why' }),
  recording: z.string().nullable().meta({ description: 'The file; null: nothing is recorded' }),
});

export type Version = z.output<typeof version>;
export type Status = z.output<typeof status>;
