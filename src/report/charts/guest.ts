import type { Range } from '../../analysis/columns.ts';
import type { Episode } from '../../analysis/episodes.ts';
import type { GuestAnalysis } from '../../analysis/guest-analysis.ts';
import type { Buckets } from '../../analysis/grid.ts';
import { safeGuestName } from '../../model/guest-name.ts';
import { excerpt } from '../../model/text.ts';
import { count, duration, size } from '../figures.ts';
import { html, type Html, type Piece } from '../html.ts';
import { areaPath, barsPath, rangePath } from '../svg-path.ts';
import { percentAxis, sizeAxis, type Times } from '../times.ts';
import { chartFigure, legendOf, type Axis, type Band } from './frame.ts';

const PLOT = 96;
/** Pixels of a row of bars. */
const BARS = 6;

export function nameOf({ name }: { readonly name: string }): string {
  return name === '' ? '""' : safeGuestName(excerpt(name, 100));
}

export const GUEST_LEGEND = legendOf([
  { style: 'actual', text: 'size (balloon)' },
  { style: 'target', text: 'target that Ballast wrote' },
  { style: 'used', text: 'used by the guest' },
  { style: 'resident', text: 'resident on the host' },
  { style: 'taken', text: 'memory taken' },
  { style: 'given', text: 'memory given' },
  { style: 'failed', text: 'write not done' },
  { style: 'pain', text: 'in pain' },
]);

/** What only a simulation knows of a guest, by the buckets of its chart. */
export interface SimulatedGuest {
  /** What its programs wanted, KiB. */
  readonly demand: Range;
  /** Share of the time in which it waited for memory, percent; null: it did not run. */
  readonly waiting: readonly (number | null)[];
  /** All of it, seconds. */
  readonly waitedS: number;
}

export const SIMULATED_LEGEND = legendOf([
  { style: 'demand', text: 'wanted by its programs' },
  { style: 'pain', text: 'below: share of the time in which it waited for memory' },
]);

/** Pixels of the waiting below the chart, and above it. */
const WAITING = 22;
const ABOVE = 6;

/**
 * @param episodes the guest's, joined so that the page does not become too long
 * @param simulated null: it was not simulated
 */
export function guestChart(
  guest: GuestAnalysis,
  episodes: readonly Episode[],
  id: string,
  axis: Axis,
  simulated: SimulatedGuest | null,
): Html {
  const { series } = guest;
  const lines = [series.actual, series.target, series.used, series.resident];
  const most = [...lines, ...(simulated === null ? [] : [simulated.demand])]
    .flatMap(({ highs }) => highs)
    .reduce<number>((one, other) => Math.max(one, other ?? 0), guest.maxKib ?? 0);
  const { top, ticks } = sizeAxis(most, 2);
  const name = nameOf(guest);
  const bars = (y: number, style: string, label: string, marked: readonly boolean[]): Band[] =>
    marked.includes(true)
      ? [{ ...{ y, height: BARS - 1, top: 1, unit: 'on' }, series: [{ style, name: label, path: barsPath(marked) }] }]
      : [];
  const wrote = (direction: Episode['direction']) => bucketsOf(guest.episodes, direction, axis.buckets);
  return chartFigure(
    {
      ...{
        id,
        height: 3 * BARS + PLOT + BARS + (simulated === null ? 0 : ABOVE + WAITING),
        title: html`<h3>${name}</h3>`,
        label: labelOf(name, guest),
        legend: null,
      },
      bands: [
        ...bars(0, 'taken', '', wrote('taken')),
        ...bars(BARS, 'given', '', wrote('given')),
        ...bars(2 * BARS, 'failed', '', wrote('failed')),
        {
          ...{
            y: 3 * BARS,
            height: PLOT,
            top,
            unit: 'KiB',
            ticks: ticks.map((value) => ({ value, label: size(value) })),
          },
          series: [
            { style: 'resident', name: 'resident', path: rangePath(series.resident, top) },
            { style: 'used', name: 'used', path: rangePath(series.used, top) },
            { style: 'actual', name: 'size', path: rangePath(series.actual, top) },
            { style: 'target', name: 'target', path: rangePath(series.target, top) },
            ...(simulated === null
              ? []
              : [{ style: 'demand', name: 'wanted', path: rangePath(simulated.demand, top) }]),
          ],
        },
        ...bars(
          3 * BARS + PLOT + 1,
          'pain',
          'in pain',
          series.pain.map((seconds, at) => seconds > 0 || series.oomKills[at]! > 0),
        ),
        ...(simulated === null ? [] : [waitingBand(simulated, 3 * BARS + PLOT + BARS + ABOVE)]),
      ],
      note: noteOf(guest, simulated),
      details: episodes.length === 0 ? null : listOf(episodes, axis),
    },
    axis,
  );
}

function waitingBand({ waiting }: SimulatedGuest, y: number): Band {
  const most = waiting.reduce<number>((top, value) => Math.max(top, value ?? 0), 0);
  const { top } = percentAxis(Math.max(1, most));
  return {
    ...{ y, height: WAITING, top, unit: '%', ticks: [{ value: top, label: `${top} %` }] },
    series: [{ style: 'pain', name: 'waiting', path: areaPath(waiting, top) }],
  };
}

/** Buckets in which there were writes of this direction: an episode is marked from its first to its last. */
function bucketsOf(episodes: readonly Episode[], direction: Episode['direction'], { fromMs, widthMs, count }: Buckets) {
  const marked = new Array<boolean>(count).fill(false);
  for (const { direction: own, fromMs: from, toMs: to } of episodes)
    if (own === direction)
      marked.fill(true, Math.floor((from - fromMs) / widthMs), Math.floor((to - fromMs) / widthMs) + 1);
  return marked;
}

function noteOf(
  { lastKib, maxKib, taken, given, failed, held, painSeconds, oomKills }: GuestAnalysis,
  simulated: SimulatedGuest | null,
): Piece {
  return [
    `${size(lastKib)} of ${size(maxKib)} at the end`,
    ...(taken + given === 0 ? ['no write'] : [`${count(taken, 'time')} taken, ${given} given`]),
    ...(failed === 0 ? [] : [`${count(failed, 'write')} not done`]),
    ...(held === 0 ? [] : [`${held.toLocaleString('en')} held back`]),
    ...(painSeconds === 0 ? [] : [`${duration(painSeconds)} in pain`]),
    ...(simulated === null || simulated.waitedS === 0 ? [] : [`waited ${duration(simulated.waitedS)} for memory`]),
    ...(oomKills === 0 ? [] : [`${count(oomKills, 'process', 'processes')} killed by its OOM killer`]),
  ].join('; ');
}

function labelOf(name: string, { lastKib, maxKib, taken, given, painSeconds }: GuestAnalysis): string {
  return `Memory of ${name} over time: ${size(lastKib)} of ${size(maxKib)} at the end, ${taken} times taken, ${given} times given, ${duration(painSeconds)} in pain`;
}

/** The decisions, which the page's script also shows next to the chart. */
export function listOf(episodes: readonly Episode[], { buckets, times }: Axis): Html {
  const total = episodes.reduce((sum, { writes }) => sum + writes, 0);
  return html`<details>
    <summary>
      ${count(total, 'decision')}${total > episodes.length ? ` in ${count(episodes.length, 'step')}` : ''}
    </summary>
    <ol>
      ${episodes.map(
        (episode) => html`<li data-b="${bucketsText(episode, buckets)}">${episodeText(episode, times)}</li> `,
      )}
    </ol>
  </details>`;
}

function bucketsText({ fromMs, toMs }: Episode, buckets: Buckets): string {
  const at = (ms: number) => Math.floor((ms - buckets.fromMs) / buckets.widthMs);
  return at(fromMs) === at(toMs) ? String(at(fromMs)) : `${at(fromMs)} ${at(toMs)}`;
}

const WORDS = { taken: 'taken', given: 'given', set: 'set', failed: 'not done' } as const;

function episodeText(episode: Episode, times: Times): string {
  const { fromMs, toMs, writes, direction, from, to, why, askedBy, control, position } = episode;
  const value = (each: unknown) =>
    control === 'balloon_target' && typeof each === 'number' ? size(each) : each === null ? '?' : excerpt(String(each));
  return [
    `${times.span(fromMs, toMs)} ${WORDS[direction]}${writes === 1 ? '' : ` ${writes}×`}`,
    `${control === 'balloon_target' ? '' : `${control} `}${value(from)} → ${value(to)}`,
    ...(why === '' ? [] : [why]),
    ...(askedBy === 'policy' ? [] : [`by ${askedBy}`]),
    ...(position === '' ? [] : [`(${position})`]),
  ].join(' ');
}
