import type { CollectProblem } from './snapshot.ts';

/** The name under which problems with the hypervisor are reported, beside those of the collectors. */
export const HYPERVISOR = 'hypervisor';

/** Why no guest could be read; undefined: the list of guests is complete. An empty list means "no guest runs" only then. */
export function unreadGuests(problems: readonly CollectProblem[]): CollectProblem | undefined {
  return problems.find(({ collector, guest }) => collector === HYPERVISOR && guest === null);
}
