import { excludedText } from '../../control/views/plain.ts';
import { valueKey } from '../../daemon/control-values.ts';
import type { Restored } from '../../daemon/restore.ts';
import type { ControlValue, GuestRef } from '../../model/control.ts';
import { safeGuestName } from '../../model/guest-name.ts';
import { escapeControls } from '../../model/text.ts';

export interface Released {
  /** How many guests were asked for. */
  readonly guests: number;
  readonly restored: Restored;
  /** Guests that could not be read, and why. */
  readonly unread: readonly { readonly guest: GuestRef; readonly message: string }[];
  /** The values before. */
  readonly present: readonly ControlValue[];
  readonly dryRun: boolean;
}

/** One line for each guest that lacked something, and a summary. `left`: guests that still lack something. */
export function releaseReport({ guests, restored, unread, present, dryRun }: Released): {
  readonly text: string;
  readonly left: number;
} {
  const sizes = new Map(present.map((value) => [valueKey(value), value.value]));
  const left = new Map(restored.left.map((each) => [each.guest?.uuid, each]));
  const lines: string[] = [];
  for (const { action, status } of restored.outcomes) {
    const { guest, from, to } = action;
    if (status !== 'done') continue;
    const short = left.get(guest?.uuid);
    const rest = short === undefined ? '' : `, of ${String(short.wanted)}: ${short.why}`;
    lines.push(line(guest, `${dryRun ? 'would get' : 'target set to'} ${String(to)} KiB, from ${String(from)}${rest}`));
  }
  const moved = new Set(
    restored.outcomes.flatMap(({ action, status }) => (status === 'done' ? [action.guest?.uuid] : [])),
  );
  for (const { control, guest, wanted, why } of restored.left) {
    if (moved.has(guest?.uuid)) continue;
    const size = sizes.get(valueKey({ control, guest })) ?? 'an unknown size';
    lines.push(line(guest, `stays at ${String(size)} of ${String(wanted)} KiB: ${why}`));
  }
  for (const { guest, message } of unread) lines.push(line(guest, `stays as it is: ${excludedText(message)}`));
  const lacking = left.size + unread.length;
  return { text: [...lines, summary(guests, lacking, dryRun)].map((each) => `${each}\n`).join(''), left: lacking };
}

function line(guest: GuestRef | null, text: string): string {
  return `${safeGuestName(guest?.name ?? '')}: ${escapeControls(text)}`;
}

function summary(guests: number, lacking: number, dryRun: boolean): string {
  if (guests === 0) return 'no guest runs';
  const set = dryRun ? 'would be set' : 'set';
  if (lacking > 0)
    return `${lacking} of ${guests} ${guests === 1 ? 'guest' : 'guests'} ${dryRun ? 'would not be' : 'not'} set to the maximum`;
  return guests === 1 ? `1 guest, ${set} to its maximum` : `${guests} guests, all ${set} to their maximum`;
}
