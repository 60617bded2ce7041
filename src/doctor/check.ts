import type { Fact, Facts, GuestFacts } from './facts.ts';

/**
 * hindrance: less memory can be saved, or guests are at risk, until it is changed. advice: it works, but could work better.
 * unknown: the check could not be made.
 */
export type Severity = 'hindrance' | 'advice' | 'unknown';

export interface Finding {
  readonly severity: Severity;
  /** What is: one line. */
  readonly what: string;
  /** Why it matters: one or two sentences. */
  readonly why: string;
  /** What to do or type: commands, or what to change; one line each. */
  readonly cure: readonly string[];
  /** The names of the guests that it is about; absent: the host. */
  readonly guests?: readonly string[];
}

/** One thing that can hinder memory overcommit. A check is a pure function of the facts. */
export interface Check {
  /** Lower case with hyphens; the name in `--json` and in the documentation. */
  readonly name: string;
  /** What it looks for, for the documentation. */
  readonly doc: string;
  readonly find: (facts: Facts) => readonly Finding[];
}

/** Applies `judge` to a fact; a fact that could not be read is a finding of its own. */
export function judged<T>(
  fact: Fact<T>,
  subject: string,
  judge: (value: T) => Finding | readonly Finding[] | null,
): readonly Finding[] {
  if (fact.isKnown) {
    const found = judge(fact.value);
    return found === null ? [] : 'severity' in found ? [found] : found;
  }
  return [
    {
      severity: 'unknown',
      what: `${subject} cannot be checked: ${fact.why}`,
      why: 'What could not be read may hide a problem.',
      cure: ['run "ballast doctor" as root on the host itself, not in a container'],
    },
  ];
}

/** A finding about all guests that match; none when there is none. Guests that could not be read are reported by another check. */
export function guestsWith(
  { guests }: Facts,
  matches: (guest: GuestFacts) => boolean,
  finding: (names: readonly string[]) => Omit<Finding, 'guests'>,
): readonly Finding[] {
  if (!guests.isKnown) return [];
  const names = guests.value.filter(matches).map(({ name }) => name);
  return names.length === 0 ? [] : [{ ...finding(names), guests: names }];
}

/** `1 guest has`, `3 guests have`. */
export function counted(names: readonly string[], one: string, several: string): string {
  return names.length === 1 ? `1 guest ${one}` : `${names.length} guests ${several}`;
}

export function mib(kib: number): string {
  return `${Math.round(kib / 1024)} MiB`;
}
