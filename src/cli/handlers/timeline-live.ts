import type { ControlClient } from '../../control/client.ts';
import type { DecisionEntry, HeldFor } from '../../control/api/guests.ts';
import type { PolicyScalar } from '../../model/control.ts';
import { changeOf, linesOf, type TimelineEvent, type TimelineLine } from '../../tooling/timeline/event.ts';
import { checkedCall } from '../support/checked-call.ts';
import { daemonClient } from '../support/daemon-client.ts';
import type { Io } from '../support/io.ts';
import { endOfClock, MomentError, readClock } from '../support/moment.ts';
import type { Timeline, TimelineOptions } from './timeline-source.ts';

/** As far back as a daemon remembers. */
const HOUR_MS = 3_600_000;
/** As many as one answer can have. */
const PAGE = 1000;

/** The writes that the running daemon remembers. */
export async function liveTimeline(
  { from, to, all, daemon }: TimelineOptions,
  io: Io,
  warn: (message: string) => void,
): Promise<Timeline> {
  const nowMs = Date.now();
  const fromMs = from === null ? nowMs - HOUR_MS : readClock(from, nowMs);
  const toMs = to === null ? Infinity : endOfClock(to, nowMs);
  if (toMs < nowMs - HOUR_MS)
    throw new MomentError(
      `the daemon remembers the writes of the last hour, and --to ${to} was at ${new Date(toMs).toISOString()}; give a recording for older ones`,
    );
  if (fromMs > toMs) throw new MomentError(`--from ${from} is after --to ${to}`);
  const client = await daemonClient(daemon, 'status', 'timeline', io);
  const { guests } = await checkedCall(client, 'guests');
  const events = await eventsSince(client, fromMs, warn, from !== null);
  if (all) events.push(...(await holdsSince(client, fromMs, warn)));
  const wanted = events.filter(({ time }) => Date.parse(time) >= fromMs && Date.parse(time) <= toMs);
  const intervals = new Map<string, TimelineEvent[]>();
  for (const event of wanted) {
    const known = intervals.get(event.time);
    if (known) known.push(event);
    else intervals.set(event.time, [event]);
  }
  return {
    names: () => guests.flatMap(({ name, uuid }) => [name, uuid]),
    lines: sorted(intervals),
  };
}

async function* sorted(
  intervals: ReadonlyMap<string, readonly TimelineEvent[]>,
): AsyncGenerator<readonly TimelineLine[]> {
  for (const time of [...intervals.keys()].sort()) yield linesOf(intervals.get(time)!);
}

/** Reads backwards, a page at a time. */
async function eventsSince(
  client: ControlClient,
  fromMs: number,
  warn: (message: string) => void,
  isAsked: boolean,
): Promise<TimelineEvent[]> {
  const since = new Date(fromMs).toISOString();
  const found: TimelineEvent[] = [];
  let until: string | undefined;
  for (;;) {
    const {
      decisions,
      more,
      complete_since: complete,
    } = await checkedCall(client, 'decisions', {
      query: { since, until, limit: PAGE },
    });
    if (until === undefined && isAsked && complete !== null && Date.parse(complete) > fromMs)
      warn(`the daemon remembers writes since ${complete}; a recording has older ones`);
    const [oldest] = decisions;
    const events = decisions.map(eventOf);
    if (!more || oldest === undefined) return [...events, ...found];
    // The rest of the oldest interval is on the next page.
    const later = events.filter(({ time }) => time !== oldest.time);
    if (later.length > 0) {
      found.unshift(...later);
      until = oldest.time;
      continue;
    }
    warn(`more than ${PAGE} writes at ${oldest.time}: the others are left out`);
    found.unshift(...events);
    until = new Date(Date.parse(oldest.time) - 1).toISOString();
  }
}

async function holdsSince(
  client: ControlClient,
  fromMs: number,
  warn: (message: string) => void,
): Promise<readonly TimelineEvent[]> {
  const { holds, more } = await checkedCall(client, 'holds', {
    query: { since: new Date(fromMs).toISOString(), limit: PAGE },
  });
  if (more) warn(`more than ${PAGE} requests were held back: the older ones are left out`);
  return holds.map(heldEventOf);
}

function eventOf(entry: DecisionEntry): TimelineEvent {
  const { from, to, control } = entry;
  return {
    ...entry,
    ...{ kind: 'write', from: from as PolicyScalar, to: to as PolicyScalar, change_kib: changeOf(control, from, to) },
  };
}

function heldEventOf({ control, wanted, guard, why, guest, first }: HeldFor): TimelineEvent {
  return {
    ...{ time: first, kind: 'held', control, guest, from: null, to: wanted as PolicyScalar, change_kib: null },
    ...{ asked_by: guard ?? 'Ballast', reason: null, position: null, notes: [], status: 'held', detail: why },
  };
}
