import type { ShadowStatus } from '../../control/api/shadow.ts';
import { durationText } from '../../model/duration-text.ts';
import { safeGuestName } from '../../model/guest-name.ts';
import { scalarText } from '../../model/scalar-text.ts';
import type { PolicyScalar } from '../../model/control.ts';
import { table, type Column } from './table.ts';
import { count, size } from './units.ts';

type Guest = ShadowStatus['guests'][number];

/** Where a shadow would have decided otherwise, as tables. */
export function shadowText(shadow: ShadowStatus): string {
  const { since, until, controls, guests, holds, settings } = shadow;
  const rows = [
    ['shadow', nameText(shadow)],
    ['time', since === null || until === null ? 'nothing was compared yet' : `${since} to ${until} (${spanText(since, until)})`],
    ['evaluations', `${shadow.evaluations}, ${shadow.differing} of them with a difference${skippedText(shadow)}`],
    ['errors', String(shadow.errors)],
    ...shadow.policy_errors.map((error) => ['', error]),
    ...(shadow.defect === null ? [] : [['ended', shadow.defect]]),
    ...sizesRow(shadow),
  ]; // prettier-ignore
  const parts = [
    rows.map(([title, text]) => `${title!.padEnd(11)}  ${text}`.trimEnd() + '\n').join(''),
    controls.length === 0 ? '' : table(CONTROL_COLUMNS, controls.map(controlRow)),
    settings.length === 0 ? '' : table(SETTING_COLUMNS, settings.map(settingRow)),
    guests.length === 0 ? '' : table(GUEST_COLUMNS, guests.map(guestRow)),
    holds.length === 0
      ? ''
      : table(
          HOLD_COLUMNS,
          holds.map(({ guard, policy, shadow: own }) => [guard === '' ? '-' : guard, String(policy), String(own)]),
        ),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

/** Lines for `ballast status`. */
export function shadowLines(shadow: ShadowStatus): readonly string[] {
  const { since, until, evaluations, differing, policy_errors: errors, defect } = shadow;
  const span = since === null || until === null ? '' : ` in ${spanText(since, until)}`;
  const [most] = shadow.guests;
  return [
    `${nameText(shadow)}: differs in ${differing} of ${count(evaluations, 'evaluation')}${span}${skippedText(shadow)}`,
    ...(defect === null ? [] : [`it has ended: ${defect}`]),
    ...errors.slice(0, 1).map((error) => `error: ${error}`),
    ...(differing === 0
      ? []
      : [
          `guests would have ${hours(shadow.more_gib_h)} more and ${hours(shadow.less_gib_h)} less; "ballast shadow" has all`,
        ]),
    ...(most === undefined ? [] : [`guest ${safeGuestName(most.guest.name)} most: ${largestText(most)}`]),
  ];
}

/** `at …, the policy sets 7.6 GiB (free 15% < 20%), the shadow keeps 8 GiB` */
export function largestText({ largest }: Pick<Guest, 'largest'>): string {
  const side = (who: 'policy' | 'shadow', kib: number | null, reason: string | null): string =>
    `the ${who} ${largest.kept_by === who ? 'keeps' : 'sets'} ${size(kib)}${reason === null ? '' : ` (${reason})`}`;
  return `at ${largest.time} ${side('policy', largest.policy_kib, largest.policy_reason)}, ${side('shadow', largest.shadow_kib, largest.shadow_reason)}`;
}

/** `new.policy, with spare_share = 30%` */
function nameText({ policies, parameters }: ShadowStatus): string {
  return [policies.join(', '), ...(parameters.length === 0 ? [] : [`with ${parameters.join(', ')}`])].join(', ');
}

/** `1.5 GiB h` */
function hours(gib: number): string {
  return `${size(gib * 1024 ** 2)} h`;
}

function skippedText({ skipped }: ShadowStatus): string {
  return skipped === 0 ? '' : `, ${skipped} left out`;
}

function spanText(since: string, until: string): string {
  return durationText(Date.parse(until) - Date.parse(since));
}

/** Absent when no balloon was compared. */
function sizesRow({ controls, more_gib_h: more, less_gib_h: less }: ShadowStatus): readonly (readonly string[])[] {
  if (!controls.some(({ control }) => control === 'balloon_target')) return [];
  return [['guests', `${hours(more)} more and ${hours(less)} less than with the policy`]];
}

const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'right' });

const CONTROL_COLUMNS = [
  left('control'),
  ...['same', 'more', 'less', 'other', 'only the shadow', 'only the policy'].map(right),
];
const SETTING_COLUMNS = [left('last difference'), left('at'), right('policy'), right('shadow')];
const GUEST_COLUMNS = [left('guest'), ...['differs', 'more', 'less'].map(right), left('the largest difference')];
const HOLD_COLUMNS = [left('held back by'), right('policy'), right('shadow')];

function controlRow(counts: ShadowStatus['controls'][number]): readonly string[] {
  const { control, same, more, less, other, only_shadow: onlyShadow, only_policy: onlyPolicy } = counts;
  return [control, ...[same, more, less, other, onlyShadow, onlyPolicy].map(String)];
}

function settingRow({ control, time, policy, shadow }: ShadowStatus['settings'][number]): readonly string[] {
  return [control, time, scalarText(policy as PolicyScalar), scalarText(shadow as PolicyScalar)];
}

function guestRow(guest: Guest): readonly string[] {
  return [
    safeGuestName(guest.guest.name),
    ...[String(guest.differing), hours(guest.more_gib_h), hours(guest.less_gib_h)],
    largestText(guest),
  ];
}
