import type { Layout, Sample } from '../../model/field.ts';
import { unreadGuests } from '../../model/unread-guests.ts';
import type { Statistics } from '../api/guests.ts';
import type { Kept } from '../kept/kept.ts';
import { scalarOf, timeText } from './plain.ts';

/** What the last interval collected. */
export function statisticsOf(
  { last }: Pick<Kept, 'last'>,
  layouts: { readonly host: Layout; readonly guest: Layout },
): Statistics {
  if (last === null) return { time: null, host: null, unread: null, guests: [] };
  const { timeMs, host, guests, problems } = last.report.snapshot;
  return {
    time: timeText(timeMs),
    host: host && fieldsIn(layouts.host, host),
    unread: unreadGuests(problems)?.message ?? null,
    guests: guests.map(({ name, uuid, sample }) => ({ name, uuid, fields: fieldsIn(layouts.guest, sample) })),
  };
}

function fieldsIn({ names }: Layout, sample: Sample): Statistics['guests'][number]['fields'] {
  const known = names.flatMap((name, at) => (sample[at] === undefined ? [] : [[name, scalarOf(sample[at])] as const]));
  return Object.fromEntries(known);
}
