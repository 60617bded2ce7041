import { safeGuestName } from '../../model/guest-name.ts';
import { escapeControls, excerpt } from '../../model/text.ts';
import { inUnit, shown } from '../explain/show.ts';
import { BALLOON_TARGET, type Meanwhile, type TimelineLine } from './event.ts';

/** Characters of a reason, a note or a name: those of a recording may have megabytes. */
const MOST_CHARACTERS = 400;
const MOST_NOTES = 8;
const NAME_WIDTH = 16;
const CHANGE_WIDTH = 10;

/** One line for people, in the words of `ballast explain` and `ballast why`, with its line break. */
export function timelineText(line: TimelineLine): string {
  const { time, guest, control, from, to, status, kind, change_kib: change } = line;
  const unit = control === BALLOON_TARGET ? 'KiB' : null;
  const whom = guest === null ? 'host' : nameOf(guest.name);
  const what = unit === null ? `${excerpt(control)} ` : '';
  const became =
    kind === 'held' ? 'held back' : status === 'done' && change !== null ? signed(change) : excerpt(status);
  const value =
    kind === 'held'
      ? `the request for ${excerpt(control)} ${shown(to, unit)}`
      : `${what}${from === null ? '?' : shown(from, unit)} to ${shown(to, unit)}`;
  const parts = [value, ...wordsOf(line).map((text) => inUnit(excerpt(text, MOST_CHARACTERS), unit))];
  return `${escapeControls(`${time}  ${whom.padEnd(NAME_WIDTH)} ${became.padStart(CHANGE_WIDTH)}  ${parts.join(', ')}`)}\n`;
}

function wordsOf(line: TimelineLine): readonly string[] {
  const { kind, asked_by: by, position, reason, notes, status, detail, meanwhile } = line;
  if (kind === 'held')
    return [`held back by ${by === 'Ballast' ? by : `the guard ${by}`}: ${detail ?? 'no reason given'}`];
  const place = position === null ? 'the policy' : `${position.file}:${position.line}:${position.column}`;
  const whose = by === 'policy' ? `at ${place}` : by === 'Ballast' ? 'by Ballast' : `by the guard ${by}`;
  return [
    ...(status === 'done' || detail === null ? [] : [detail]),
    `requested ${whose}`,
    ...(reason === null ? [] : [`reason: ${reason}`]),
    ...notes.slice(0, MOST_NOTES),
    ...(meanwhile === null ? [] : [meanwhileText(meanwhile)]),
  ];
}

function meanwhileText({ guests, kib, most }: Meanwhile): string {
  const named = most.map((each) => `${nameOf(each.name)} ${signed(each.kib)}`).join(', ');
  const others = guests - most.length;
  const rest = kib - most.reduce((sum, each) => sum + each.kib, 0);
  return `${kib > 0 ? 'given' : 'taken'} meanwhile: ${named}${others > 0 ? `, ${others} more ${signed(rest)}` : ''}`;
}

function nameOf(name: string): string {
  return name === '' ? '""' : excerpt(safeGuestName(excerpt(name, MOST_CHARACTERS)));
}

function signed(kib: number): string {
  return `${kib > 0 ? '+' : ''}${shown(kib, 'KiB')}`;
}
