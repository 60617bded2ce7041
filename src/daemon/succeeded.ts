import type { Outcome } from '../model/decision.ts';
import type { IntervalReport } from '../model/interval-report.ts';

/** A write that was held back because it no longer holds is none. */
const FAILURES: ReadonlySet<Outcome['status']> = new Set(['refused', 'failed', 'pending']);

/** Whether an interval read the guests, without a policy error or a failed or refused action. */
export function succeeded({ snapshot, judgement, outcomes }: IntervalReport): boolean {
  return (
    snapshot.problems.every(({ guest }) => guest !== null) &&
    (judgement?.decision.errors ?? []).length === 0 &&
    outcomes.every(({ status }) => !FAILURES.has(status))
  );
}
