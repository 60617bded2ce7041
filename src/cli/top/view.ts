import type { Guest } from '../../control/api/guests.ts';
import { safeGuestName } from '../../model/guest-name.ts';
import { escapeControls, excerpt } from '../../model/text.ts';
import { shown } from '../../tooling/explain/show.ts';
import { notesOf } from '../handlers/guests.ts';
import { seconds } from '../support/units.ts';
import type { Answers } from './feed.ts';
import { headerOf } from './header.ts';
import { sorted, type Order } from './sort.ts';
import { fit, width } from './text-width.ts';

/** What the user chose. */
export interface Choice {
  readonly order: Order;
  readonly reversed: boolean;
  /** The first guest that is shown. */
  readonly offset: number;
}

export interface View {
  readonly columns: number;
  /** Infinity: no limit. */
  readonly rows: number;
  /** Whether keys are read. */
  readonly hasKeys: boolean;
}

/** One line of the screen, at most as wide as it is. */
export interface ScreenLine {
  readonly text: string;
  readonly style: 'plain' | 'alarm' | 'title';
}

export interface Frame {
  readonly lines: readonly ScreenLine[];
  /** Guests that fit. */
  readonly page: number;
  /** The first one, where `offset` was too far. */
  readonly first: number;
}

/** The whole screen. Never more rows, and never wider, than the terminal is. */
export function frameOf(answers: Answers, { order, reversed, offset }: Choice, view: View, nowMs: number): Frame {
  const cells = Math.max(1, view.columns);
  const style = ({ isAlarm }: { readonly isAlarm: boolean }) => (isAlarm ? 'alarm' : 'plain');
  const line = (text: string, how: ScreenLine['style'] = 'plain'): ScreenLine => ({
    // Escaped here once, so that nothing reaches the terminal that was not.
    text: fit(escapeControls(excerpt(text, MOST_CHARACTERS)), cells).trimEnd(),
    style: how,
  });
  const { guests } = answers.guests;
  const [all, used] = [headerOf(answers, nowMs), view.hasKeys ? 2 : 1];
  // Some guests are worth more than the last lines above them.
  const header = all.slice(0, Math.max(1, view.rows - used - Math.min(guests.length, LEAST_GUESTS)));
  const page = Math.max(0, view.rows - used - header.length);
  // The terminal may have grown, or guests may be gone.
  const first = Math.max(0, Math.min(offset, guests.length - page));
  const rows = sorted(guests, order, reversed).slice(first, first + page);
  const columns = columnsFor(cells, rows, nowMs);
  const lines = [
    ...header.map((each) => line(each.text, style(each))),
    line(columns.map(({ title, cells: wide, align }) => fit(title, wide, align)).join('  '), 'title'),
    ...rows.map((guest) => line(columns.map(({ of, cells: wide, align }) => fit(of(guest), wide, align)).join('  '))),
    ...(guests.length === 0 && page > 0 ? [line(emptyText(answers.guests))] : []),
  ].slice(0, Math.max(1, view.rows - (view.hasKeys ? 1 : 0)));
  if (!view.hasKeys || view.rows < 2) return { lines, page, first };
  const shownRows = rows.length === 0 ? '' : `  ${first + 1}-${first + rows.length} of ${guests.length}`;
  const keys = `q quit  s sort: ${order}${reversed ? ', reversed' : ''}  r reverse  arrows scroll${shownRows}`;
  return { lines: [...lines, line(keys, 'title')], page, first };
}

function emptyText({ time, unread }: Answers['guests']): string {
  if (time === null) return '';
  return unread === null ? 'no guest runs' : `guests unknown: ${unread}`;
}

const MOST_CHARACTERS = 1000;
const LEAST_GUESTS = 3;

interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly cells: number;
  readonly of: (guest: Guest) => string;
}

/** Wide enough for `1023 MiB`. */
const SIZE_CELLS = 8;
const LEAST_NAME = 8;
const MOST_NAME = 40;

/** The columns that fit: what a narrow terminal drops is in `ballast guests`. */
function columnsFor(cells: number, rows: readonly Guest[], nowMs: number): readonly Column[] {
  const kib = (title: string, of: (guest: Guest) => number | null, least: number): readonly Column[] =>
    cells < least
      ? []
      : [
          {
            title,
            align: 'right',
            cells: SIZE_CELLS,
            of: (guest) => sizeOf(of(guest), title === 'wanted' ? '-' : '?'),
          },
        ];
  const sizes = [
    ...kib('size', ({ size_kib }) => size_kib, 20),
    ...kib('wanted', ({ wanted_kib }) => wanted_kib, 40),
    ...kib('floor', ({ floor_kib }) => floor_kib, 95),
    ...kib('max', ({ max_kib }) => max_kib, 60),
    ...kib('usable', ({ usable_kib }) => usable_kib, 105),
    ...kib('resident', ({ resident_kib }) => resident_kib, 130),
    ...(cells < 115 ? [] : [{ title: 'written', align: 'right' as const, cells: 7, of: (guest: Guest) => writtenOf(guest, nowMs) }]), // prettier-ignore
  ];
  const widest = rows.reduce((most, { name }) => Math.max(most, width(shortName(name))), LEAST_NAME);
  const name = Math.min(widest, MOST_NAME, Math.max(LEAST_NAME, Math.floor(cells / 4)));
  const rest = cells - name - sizes.reduce((sum, each) => sum + each.cells + 2, 0) - 2;
  return [
    { title: 'guest', align: 'left', cells: name, of: (guest) => shortName(guest.name) },
    ...sizes,
    ...(rest < 4 ? [] : [{ title: 'notes', align: 'left' as const, cells: rest, of: (guest: Guest) => noteOf(guest) }]),
  ];
}

function shortName(name: string): string {
  return safeGuestName(excerpt(name, MOST_CHARACTERS));
}

function sizeOf(kib: number | null, unknown: string): string {
  return kib === null ? unknown : shown(kib, 'KiB');
}

/** How long ago the last target was written. */
function writtenOf({ target_time: time }: Guest, nowMs: number): string {
  return time === null ? '-' : seconds(Math.max(0, nowMs - Date.parse(time)) / 1000);
}

/** What is special about it; else why it has its size. */
function noteOf(guest: Guest): string {
  const notes = [...notesOf(guest)];
  const { reason, size_kib: size, wanted_kib: wanted } = guest;
  if (reason !== null && wanted !== null && size !== wanted) notes.push(reason);
  return escapeControls(excerpt(notes.join(', '), MOST_CHARACTERS));
}
