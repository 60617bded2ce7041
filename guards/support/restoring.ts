import type { GuardedRequest } from '../../src/model/decision.ts';

/**
 * Whether neither a policy nor a guard asks, but Ballast itself, which gives back or restores: at its exit, or for `ballast release`.
 * No policy takes that back, and there is no next interval for the rest.
 */
export function isRestoring({ position, guard }: GuardedRequest): boolean {
  return position === null && guard === undefined;
}
