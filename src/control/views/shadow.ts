import type { ShadowGuest, ShadowSummary } from '../../model/shadow.ts';
import { gibHours } from '../../observe/shadow-log.ts';
import type { ShadowStatus } from '../api/shadow.ts';
import { refOf, scalarOf, timeText } from './plain.ts';

/** A shadow as it runs, or as it was compared over a recording. */
export interface ShadowFacts {
  readonly files: readonly string[];
  readonly parameters: readonly string[];
  readonly summary: ShadowSummary;
  readonly errors?: readonly string[];
  readonly defect?: string | null;
}

export function shadowOf({ files, parameters, summary, errors = [], defect = null }: ShadowFacts): ShadowStatus {
  const time = (ms: number | null): string | null => (ms === null ? null : timeText(ms));
  return {
    ...{
      policies: [...files],
      parameters: [...parameters],
      since: time(summary.sinceMs),
      until: time(summary.untilMs),
    },
    ...{ evaluations: summary.evaluations, differing: summary.differing, skipped: summary.skipped },
    ...{ errors: summary.errors, policy_errors: errors.slice(0, MOST_ERRORS), defect },
    controls: summary.controls.map((each) => ({ ...each })),
    ...{ more_gib_h: gibHours(summary.moreKibMs), less_gib_h: gibHours(summary.lessKibMs) },
    holds: summary.holds.map((each) => ({ ...each })),
    guests: summary.guests.map(guestOf),
    settings: summary.settings.map(({ control, timeMs, policy, shadow }) => ({
      ...{ control, time: timeText(timeMs), policy: scalarOf(policy), shadow: scalarOf(shadow) },
    })),
  };
}

const MOST_ERRORS = 20;

function guestOf({ guest, differing, moreKibMs, lessKibMs, largest }: ShadowGuest): ShadowStatus['guests'][number] {
  const kib = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);
  const keepers = { only_shadow: 'policy', only_policy: 'shadow', more: null, less: null, other: null } as const;
  return {
    ...{ guest: refOf(guest)!, differing, more_gib_h: gibHours(moreKibMs), less_gib_h: gibHours(lessKibMs) },
    largest: {
      time: timeText(largest.timeMs),
      ...{ policy_kib: kib(largest.policy), policy_reason: largest.policyReason },
      ...{ shadow_kib: kib(largest.shadow), shadow_reason: largest.shadowReason },
      kept_by: keepers[largest.class],
    },
  };
}
