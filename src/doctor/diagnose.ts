import type { Check, Finding } from './check.ts';
import { CHECKS } from './checks/index.ts';
import type { Facts } from './facts.ts';

/** A finding and the check that it is from. */
export type NamedFinding = Finding & { readonly check: string };

export interface Diagnosis {
  /** Hindrances first, then advice, then what could not be checked; in each the order of the checks. */
  readonly findings: readonly NamedFinding[];
  /** Number of checks. */
  readonly checks: number;
}

const ORDER = ['hindrance', 'advice', 'unknown'] as const;

/** Applies all checks to the facts. */
export function diagnose(facts: Facts, checks: readonly Check[] = CHECKS): Diagnosis {
  const all = checks.flatMap(({ name, find }) => find(facts).map((finding) => ({ check: name, ...finding })));
  return {
    findings: ORDER.flatMap((severity) => all.filter((finding) => finding.severity === severity)),
    checks: checks.length,
  };
}
