import { z } from 'zod';
import { guestRef, knownKib, scalar, time } from './common.ts';

const times = z.number().int();
const gibHours = z.number().meta({ description: 'GiB times hours' });

export const shadow = z.object({
  policies: z.array(z.string()).meta({ description: 'The files of the shadow' }),
  parameters: z.array(z.string()).meta({ description: 'The values that only the shadow has' }),
  since: time.nullable().meta({ description: 'The first interval that was compared; null: none was yet' }),
  until: time.nullable().meta({ description: 'The last one' }),
  evaluations: times,
  differing: times.meta({ description: 'Evaluations with at least one difference' }),
  skipped: times.meta({ description: 'Evaluations that were left out, because the interval had no time for them' }),
  errors: times.meta({ description: 'Errors of the shadow in all evaluations' }),
  policy_errors: z.array(z.string()).meta({ description: 'Those of the last evaluation' }),
  defect: z.string().nullable().meta({ description: 'Why the shadow is not evaluated any more; null: it is' }),
  controls: z.array(
    z.object({
      control: z.string(),
      same: times.meta({ description: 'Both set the same value, or neither sets any' }),
      more: times.meta({ description: 'Both set a number, the shadow the larger one' }),
      less: times,
      other: times.meta({ description: 'Both set a value, and not a number' }),
      only_shadow: times.meta({ description: 'The policy keeps the present value' }),
      only_policy: times.meta({ description: 'The shadow keeps the present value' }),
    }),
  ),
  more_gib_h: gibHours.meta({ description: 'Sizes above those of the policy, each until the next evaluation' }),
  less_gib_h: gibHours.meta({ description: 'Sizes below those of the policy, each until the next evaluation' }),
  holds: z
    .array(z.object({ guard: z.string(), policy: times, shadow: times }))
    .meta({ description: 'Requests that were held back; guard "": by a pause, the stop file or the controller' }),
  guests: z
    .array(
      z.object({
        guest: guestRef,
        differing: times,
        more_gib_h: gibHours,
        less_gib_h: gibHours,
        largest: z.object({
          time,
          policy_kib: knownKib,
          policy_reason: z.string().nullable(),
          shadow_kib: knownKib,
          shadow_reason: z.string().nullable(),
          kept_by: z.enum(['policy', 'shadow']).nullable().meta({ description: 'Who keeps the present size' }),
        }),
      }),
    )
    .meta({ description: 'Those whose balloons would differ most, ten at most' }),
  settings: z
    .array(z.object({ control: z.string(), time, policy: scalar, shadow: scalar }))
    .meta({ description: 'The last difference of each control of the host' }),
});

export type ShadowStatus = z.output<typeof shadow>;
