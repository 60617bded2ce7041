import type { Logger } from 'pino';
import { ChangeTracker } from '../engine/changes.ts';
import { ShadowTotals } from '../engine/shadow-totals.ts';
import type { PolicyError } from '../model/decision.ts';
import { durationText } from '../model/duration-text.ts';
import { safeGuestName } from '../model/guest-name.ts';
import { scalarText } from '../model/scalar-text.ts';
import type { ShadowControlCounts, ShadowDifference, ShadowInterval, ShadowSummary } from '../model/shadow.ts';
import { guestField, positionField, positionText } from './log-fields.ts';

/** How often differences are summed up in the log, milliseconds. */
const SUMMARY_MS = 3_600_000;

/** The log of a shadow: each interval at debug; what differs at first, each hour and at the end at info. */
export class ShadowLog {
  readonly #log: Logger;
  readonly #errors = new ChangeTracker<PolicyError>(
    ({ message, position, guest }) => `${guest?.uuid ?? ''} ${positionText(position)} ${message}`,
  );
  #hour = new ShadowTotals();
  #hasDiffered = false;
  #hasSkipped = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  began(files: readonly string[], parameters: readonly string[]): void {
    this.#log.info(
      { policies: files, parameters },
      `A shadow is evaluated beside the policy, and nothing that it decides is written: ${[...files, ...parameters].join(', ')}`,
    );
  }

  interval({ timeMs, comparison, skipped, tookMs }: ShadowInterval): void {
    if (skipped) this.#hour.skip(timeMs);
    else this.#hour.add(timeMs, comparison);
    if (skipped && !this.#hasSkipped)
      this.#log.warn(
        'The shadow was left out of an evaluation: the policy and its writes took the time of the interval; further ones are only counted',
      );
    this.#hasSkipped ||= skipped;
    if (comparison !== null) {
      const { differences, errors, evaluated } = comparison;
      if (evaluated) this.#logErrors(errors);
      this.#log.debug(
        { evaluated, differences: differences.length, errors: errors.length, tookMs: Math.round(tookMs * 10) / 10 },
        'Shadow compared',
      );
      const [first] = differences;
      if (first !== undefined && !this.#hasDiffered) this.#logFirst(first);
    }
    const { sinceMs, untilMs } = this.#hour.summary();
    if (sinceMs === null || untilMs === null || untilMs - sinceMs < SUMMARY_MS) return;
    this.#logSummary(this.#hour.summary());
    this.#hour = new ShadowTotals();
  }

  /** @param all of the whole time of the shadow */
  ended(all: ShadowSummary): void {
    if (all.sinceMs !== null) this.#logSummary(all);
  }

  #logFirst(difference: ShadowDifference): void {
    const { control, guest, policy, shadow } = difference;
    this.#hasDiffered = true;
    this.#log.info(
      { control, policy, shadow, ...guestField(guest) },
      `First difference: ${differenceText(difference)}`,
    );
  }

  #logErrors(errors: readonly PolicyError[]): void {
    for (const { message, position, guest } of this.#errors.update(errors).began) {
      const whose = guest === null ? '' : ` for guest:${safeGuestName(guest.name)}`;
      this.#log.warn(
        { ...positionField(position), ...guestField(guest) },
        `${positionText(position)}: ${message}; the shadow decides nothing there${whose} while the error persists`,
      );
    }
  }

  #logSummary(summary: ShadowSummary): void {
    const { evaluations, differing, skipped, errors, moreKibMs, lessKibMs } = summary;
    this.#log.info(
      {
        ...{ evaluations, differing, skipped, errors },
        ...{ more_gib_h: gibHours(moreKibMs), less_gib_h: gibHours(lessKibMs) },
      },
      `The shadow ${summaryText(summary)}`,
    );
  }
}

/** `differed in 3 of 360 evaluations in 60 min; balloon_target: 3200 same, 10 more, …` */
export function summaryText(summary: ShadowSummary): string {
  const { sinceMs, untilMs, evaluations, differing, skipped, errors, controls, moreKibMs, lessKibMs, guests } = summary;
  const time = durationText((untilMs ?? 0) - (sinceMs ?? 0));
  const parts = [
    `differed in ${differing} of ${evaluations} evaluations in ${time}`,
    ...controls.filter(({ same, control: _, ...others }) => Object.values(others).some((n) => n > 0)).map(controlText),
  ];
  if (moreKibMs > 0 || lessKibMs > 0)
    parts.push(`guests would have ${gibHours(moreKibMs)} GiB h more and ${gibHours(lessKibMs)} GiB h less`);
  const [most] = guests;
  if (most !== undefined) parts.push(`the largest: ${differenceText(most.largest)}`);
  if (skipped > 0) parts.push(`${skipped} evaluations left out`);
  if (errors > 0) parts.push(`${errors} errors in the shadow`);
  return parts.join('; ');
}

/** `balloon_target: 3200 same, 10 more, 2 only the shadow` */
export function controlText({ control, ...counts }: ShadowControlCounts): string {
  const named = CLASS_TEXTS.flatMap(([name, text]) => (counts[name] > 0 ? [`${counts[name]} ${text}`] : []));
  return `${control}: ${named.join(', ')}`;
}

const CLASS_TEXTS = [
  ['same', 'same'],
  ['more', 'more'],
  ['less', 'less'],
  ['other', 'other'],
  ['only_shadow', 'only the shadow'],
  ['only_policy', 'only the policy'],
] as const;

/** `balloon_target of guest:db-1: the policy keeps 8388608, the shadow sets 7549747 (free 15% < 20%)` */
export function differenceText(difference: ShadowDifference): string {
  const { control, guest, policy, policyReason, shadow, shadowReason } = difference;
  const whose = guest === null ? '' : ` of guest:${safeGuestName(guest.name)}`;
  const [policyVerb, shadowVerb] = [
    difference.class === 'only_shadow' ? 'keeps' : 'sets',
    difference.class === 'only_policy' ? 'keeps' : 'sets',
  ];
  const why = (reason: string | null): string => (reason === null ? '' : ` (${reason})`);
  return `${control}${whose}: the policy ${policyVerb} ${scalarText(policy)}${why(policyReason)}, the shadow ${shadowVerb} ${scalarText(shadow)}${why(shadowReason)}`;
}

/** GiB·h, to four digits. */
export function gibHours(kibMs: number): number {
  return Number((kibMs / 1024 ** 2 / 3_600_000).toPrecision(4));
}
