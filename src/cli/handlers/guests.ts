import type { Guest } from '../../control/api/guests.ts';
import { safeGuestName } from '../../model/guest-name.ts';
import { escapeControls, escapeJson } from '../../model/text.ts';
import { daemonClient, type DaemonChoice } from '../support/daemon-client.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { table } from '../support/table.ts';
import { seconds, size } from '../support/units.ts';

/**
 * `ballast guests`: one line for each guest.
 * @throws ClientError when no daemon answers
 */
export async function showGuests(choice: DaemonChoice & { readonly json: boolean }, io: Io): Promise<number> {
  const client = await daemonClient(choice, 'status', 'guests', io);
  const guests = await client.call('guests');
  if (choice.json) io.stdout.write(`${escapeJson(JSON.stringify(guests, null, 2))}\n`);
  else if (guests.time === null) io.stdout.write('no interval has finished yet\n');
  else if (guests.unread !== null) io.stdout.write(`unknown: ${escapeControls(guests.unread)}\n`);
  else io.stdout.write(guests.guests.length === 0 ? 'no guest runs\n' : guestsText(guests.guests));
  return guests.unread === null ? EXIT.ok : EXIT.problems;
}

const COLUMNS = [
  { title: 'guest', align: 'left' },
  { title: 'size', align: 'right' },
  { title: 'wanted', align: 'right' },
  { title: 'floor', align: 'right' },
  { title: 'max', align: 'right' },
  { title: 'notes', align: 'left' },
] as const;

export function guestsText(guests: readonly Guest[]): string {
  const rows = guests.map((guest) => [
    safeGuestName(guest.name),
    size(guest.size_kib),
    guest.wanted_kib === null ? '-' : size(guest.wanted_kib),
    size(guest.floor_kib),
    size(guest.max_kib),
    escapeControls(notesOf(guest).join(', ')),
  ]);
  return table(COLUMNS, rows);
}

/** What is special about a guest, in a few words each. */
export function notesOf({ excluded, state, held, pain_age_s: painS, flags }: Guest): readonly string[] {
  if (excluded !== null) return [`excluded: ${excluded}`];
  return [
    // Not to be confused with a pause of Ballast.
    ...(state === null || state === 'running' ? [] : [`libvirt: ${state}`]),
    ...(painS === null ? [] : [`in pain ${seconds(painS)} ago`]),
    // "paused" is the reason then.
    ...(flags.includes('paused') ? [] : [...new Set(held.map(({ guard, why }) => `held back by ${guard ?? why}`))]),
    // It concerns nearly all guests, and `ballast status` names it.
    ...flags.filter((flag) => flag !== 'no-autodeflate'),
  ];
}
