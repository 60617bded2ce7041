import { fewer, type Episode } from '../analysis/episodes.ts';
import type { GuestAnalysis } from '../analysis/guest-analysis.ts';
import type { Analysis } from '../analysis/recording-analysis.ts';
import { excerpt } from '../model/text.ts';
import type { Axis } from './charts/frame.ts';
import { timesDefinition } from './charts/frame.ts';
import { GUEST_LEGEND, guestChart, listOf, SIMULATED_LEGEND } from './charts/guest.ts';
import { holdsSection } from './charts/holds.ts';
import { hostChart, ksmChart, pressureChart } from './charts/host.ts';
import { count, duration, gibHours, share, size } from './figures.ts';
import { documentOf } from './document.ts';
import { html, type Html, type Piece } from './html.ts';
import {
  painAndGain,
  simulatedGuest,
  simulatedHead,
  SIMULATED_STYLE,
  waitedSOf,
  type SimulatedPart,
} from './simulated.ts';
import { standingOut } from './standing-out.ts';
import { STYLE } from './style.ts';
import { guestsTable, reasonsTable } from './tables.ts';
import { ticksOf, timesOf, type Times } from './times.ts';

export interface PageOptions {
  /** The files that were read, as given. */
  readonly sources: readonly string[];
  /** What hindered reading them, in words. */
  readonly warnings: readonly string[];
  readonly version: string;
  /** What only a simulation knows; null: it is the recording of a host. */
  readonly simulated: SimulatedPart | null;
  /** SHA-256 in base64. */
  readonly sha256: (text: string) => string;
}

/** Guests with a chart: those with most to see. The table has all. */
const MOST_CHARTS = 200;
/** Decisions that are listed on the whole page, and at least of each guest. */
const MOST_LISTED = 2000;
const LEAST_LISTED = 8;
const MOST_SOURCES = 20;

/** Buckets of the guests' charts, for {@link Analysis}: so many that a page of many guests stays small. */
export function guestBuckets(guests: number): number {
  return guests <= 20 ? 360 : guests <= 50 ? 270 : guests <= 100 ? 180 : 90;
}

/** A report as one HTML page that needs nothing else: no network, and no script to be read. */
export function reportPage(analysis: Analysis, options: PageOptions): string {
  const { simulated } = options;
  const times = timesOf(analysis.fromMs, analysis.toMs, simulated !== null);
  const { buckets } = analysis;
  const spanMs = buckets.widthMs * buckets.count;
  const axis: Axis = { buckets, spanMs, times };
  const guests = analysis.guests.toSorted(
    (one, other) =>
      other.oomKills - one.oomKills ||
      other.painSeconds - one.painSeconds ||
      other.taken + other.given + other.failed - (one.taken + one.given + one.failed) ||
      (one.name < other.name ? -1 : 1),
  );
  const drawn = guests.slice(0, MOST_CHARTS);
  const ids = new Map(drawn.map(({ uuid }, at) => [uuid, `g${at}`]));
  const idOf = (uuid: string) => ids.get(uuid) ?? 'guests';
  const of = simulated?.scenario ?? analysis.hostName;
  const title = `Ballast ${simulated === null ? 'report' : 'simulation'}${of === null ? '' : `: ${excerpt(of)}`}`;
  const stands = standingOut({ ...analysis, guests }, idOf, times);
  const body = html`<main>
      <h1>${title}</h1>
      ${simulated === null ? null : simulatedHead(simulated)}${headOf(analysis, options, times)}
      <nav aria-label="Parts of the report">
        <a href="#host">Host memory</a> <a href="#holds">Held back</a> <a href="#guests">Guests</a>
        <a href="#reasons">Decisions by reason</a>
      </nav>
      ${
        stands.length === 0
          ? null
          : html`<ul class="stands">
              ${stands.map((each) => html`<li>${each}</li>`)}
            </ul>`
      }
      ${figuresOf(analysis)}${simulated === null ? null : painAndGain(simulated)}${hostChart(analysis, axis)}${pressureChart(analysis, axis)}${ksmChart(analysis, axis)}
      ${analysis.host.episodes.length === 0 ? null : listOf(fewer(analysis.host.episodes, 100), axis)}
      ${holdsSection(analysis.holds, axis)}
      <section id="guests">
        <h2>Guests</h2>
        ${guestsTable(guests, (uuid) => (ids.has(uuid) ? `#${idOf(uuid)}` : null), simulated && waitedSOf(simulated))}${leftOutText(analysis, drawn)}
        ${guestCharts(drawn, { ...axis, buckets: analysis.guestBuckets }, idOf, simulated)}
      </section>
      ${reasonsTable(guests, analysis.host.episodes)}
    </main>
    <footer>
      <p>
        Made by Ballast ${options.version}.
        ${simulated === null ? `Times are local: ${times.zone}.` : 'The time is simulated; it begins at midnight.'} A
        gap is time in which a figure is unknown; it is not zero. ${count(buckets.count, 'column')} of
        ${duration(buckets.widthMs / 1000)}; a line is as thick as its values in a column differ. Point at a chart, or
        move in it with the arrow keys, for figures; Page Up and Page Down go from decision to decision.
      </p>
    </footer>`;
  return documentOf({
    ...{ title, sha256: options.sha256, style: simulated === null ? STYLE : `${STYLE}\n${SIMULATED_STYLE}` },
    attributes: html`data-from="${buckets.fromMs}" data-width="${spanMs}" data-zone="${times.zone}"`,
    body: html`${timesDefinition(axis, ticksOf(buckets.fromMs, buckets.fromMs + spanMs, 8, times.isUtc))}${body}`,
  });
}

function headOf(analysis: Analysis, { sources, warnings, simulated }: PageOptions, times: Times): Html {
  const { fromMs, toMs, intervals, evaluations, collectIntervalMs } = analysis;
  const [offset, last] = [times.offset(fromMs), times.offset(toMs)];
  const zone =
    simulated === null ? `${times.zone}, ${offset === last ? offset : `${offset} to ${last}`}` : 'simulated time';
  const rest = sources.length - MOST_SOURCES;
  return html`<p>
      <strong>${times.full(fromMs)}</strong> to <strong>${times.full(toMs)}</strong> (${zone}),
      ${duration((toMs - fromMs) / 1000)}
    </p>
    <p class="dim">
      ${count(intervals, 'interval')} of ${duration(collectIntervalMs / 1000)}, ${count(evaluations, 'evaluation')} of
      the policy; from ${sources.slice(0, MOST_SOURCES).join(', ')}${rest > 0 ? `, and ${rest} more` : null}
    </p>
    ${warnings.slice(0, MOST_SOURCES).map((warning) => html`<p class="bad">${excerpt(warning, 300)}</p>`)}`;
}

function figuresOf({ host, guests, holds, guestsLeftOut }: Analysis): Html {
  const sum = (of: (guest: GuestAnalysis) => number) => guests.reduce((total, guest) => total + of(guest), 0);
  const [taken, given, failed] = [
    sum((guest) => guest.taken),
    sum((guest) => guest.given),
    sum((guest) => guest.failed),
  ];
  const held = holds.reduce((total, { requests }) => total + requests, 0);
  const hurt = guests.filter(({ painSeconds }) => painSeconds > 0).length;
  const perHour = (kibHours: number) => (host.hours > 0 ? size(kibHours / host.hours) : '?');
  const least = host.tightest?.reading ?? null;
  const cards: readonly (readonly [title: string, figure: string, more: Piece])[] = [
    [
      'Memory of the host',
      size(host.totalKib),
      `${count(guests.length + guestsLeftOut, 'guest')}, promised ${size(host.mostPromisedKib)} (${share(host.mostPromisedKib, host.totalKib)})`,
    ],
    [
      'Least that could be handed out',
      size(least?.allocatableKib ?? null),
      `${share(least?.allocatableKib ?? null, least?.totalKib ?? null)} of the memory`,
    ],
    ['In balloons, on average', perHour(host.balloonKibHours), gibHours(host.balloonKibHours)],
    ['Saved by KSM, on average', perHour(host.ksmKibHours), gibHours(host.ksmKibHours)],
    [
      'Balloon writes',
      (taken + given).toLocaleString('en'),
      `${taken.toLocaleString('en')} took, ${given.toLocaleString('en')} gave; ${failed} not done`,
    ],
    ['Held back', held.toLocaleString('en'), count(holds.length, 'guard')],
    ['Guests in pain', String(hurt), hurt === 0 ? 'no sign of pain' : duration(sum(({ painSeconds }) => painSeconds))],
  ];
  return html`<dl>
    ${cards.map(
      ([title, figure, more]) =>
        html`<div>
          <dt>${title}</dt>
          <dd>${figure}<small>${more}</small></dd>
        </div>`,
    )}
  </dl>`;
}

function leftOutText({ guests, guestsLeftOut }: Analysis, drawn: readonly GuestAnalysis[]): Html | null {
  const parts = [
    ...(guests.length > drawn.length ? [`Charts are shown of the ${drawn.length} guests with most to see.`] : []),
    ...(guestsLeftOut > 0
      ? [`${count(guestsLeftOut, 'more guest is', 'more guests are')} counted in the host's figures only.`]
      : []),
  ];
  return parts.length === 0 ? null : html`<p>${parts.join(' ')} <code>--guest</code> chooses others.</p>`;
}

function guestCharts(
  drawn: readonly GuestAnalysis[],
  axis: Axis,
  idOf: (uuid: string) => string,
  simulated: SimulatedPart | null,
): Html | null {
  if (drawn.length === 0) return null;
  const listed = shares(drawn.map(({ episodes }) => episodes));
  const charts = drawn.map((guest, at) =>
    guestChart(
      ...([guest, listed[at]!, idOf(guest.uuid), axis] as const),
      simulated && simulatedGuest(simulated, guest.name, axis.buckets),
    ),
  );
  return html`<div class="key">${GUEST_LEGEND}${simulated === null ? null : SIMULATED_LEGEND}</div>
    <div class="grid">${charts}</div>`;
}

/** As many decisions of each guest as the page has room for: those with few leave room to others. */
function shares(lists: readonly (readonly Episode[])[]): readonly (readonly Episode[])[] {
  let room = MOST_LISTED;
  const sorted = lists.map((episodes, at) => ({ at, episodes })).sort((a, b) => a.episodes.length - b.episodes.length);
  const result = new Array<readonly Episode[]>(lists.length);
  sorted.forEach(({ at, episodes }, index) => {
    const share = Math.max(LEAST_LISTED, Math.floor(room / (lists.length - index)));
    const shown = fewer(episodes, share);
    result[at] = shown;
    room -= shown.length;
  });
  return result;
}
