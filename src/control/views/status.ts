import type { IntervalReport } from '../../model/interval-report.ts';
import type { Layout } from '../../model/field.ts';
import { safeGuestName } from '../../model/guest-name.ts';
import { HYPERVISOR, unreadGuests } from '../../model/unread-guests.ts';
import { positionText } from '../../observe/log-fields.ts';
import type { Status } from '../api/status.ts';
import { excludedText, fieldsOf, refOf, timeText } from './plain.ts';
import { shadowOf, type ShadowFacts } from './shadow.ts';

/** What the status is made of. Plain data. */
export interface StatusFacts {
  readonly version: string;
  readonly pid: number;
  readonly startedMs: number;
  readonly nowMonotonicMs: number;
  readonly startedMonotonicMs: number;
  readonly dryRun: boolean;
  readonly recordsOnly: boolean;
  readonly libvirt: { readonly uri: string; readonly connected: boolean };
  readonly collectIntervalMs: number;
  readonly policyIntervalMs: number;
  readonly policies: readonly string[];
  /** null: there is none. */
  readonly shadow: ShadowFacts | null;
  readonly counts: { readonly intervals: number; readonly evaluations: number };
  readonly layouts: { readonly host: Layout; readonly guest: Layout };
  readonly last: { readonly report: IntervalReport; readonly endedMs: number } | null;
  /** Why nothing is written at all; null: it is. */
  readonly stopped: string | null;
  readonly pauses: Status['pauses'];
  readonly recording: string | null;
  /** What hinders the recording and other observers. */
  readonly troubles: readonly string[];
}

/** An interval that has not ended after so many collect intervals is late. */
const LATE_INTERVALS = 3;
/** And not before this, milliseconds: libvirt calls have timeouts of some seconds. */
const LATE_MS = 10_000;

export function statusOf(facts: StatusFacts): Status {
  const { last, layouts, stopped } = facts;
  const report = last?.report ?? null;
  const problems = problemsIn(facts);
  return {
    version: facts.version,
    pid: facts.pid,
    started: timeText(facts.startedMs),
    health: healthOf(facts, problems),
    problems: [
      ...(stopped === null
        ? []
        : [
            facts.dryRun
              ? `${stopped}: nothing would be written after the dry run either`
              : `nothing is written: ${stopped}; remove it to let Ballast write again`,
          ]),
      ...problems,
    ],
    dry_run: facts.dryRun,
    records_only: facts.recordsOnly,
    libvirt: { ...facts.libvirt },
    collect_interval_s: facts.collectIntervalMs / 1000,
    policy_interval_s: facts.policyIntervalMs / 1000,
    policies: [...facts.policies],
    shadow: facts.shadow === null ? null : shadowOf(facts.shadow),
    intervals: facts.counts.intervals,
    evaluations: facts.counts.evaluations,
    last_interval: last === null ? null : intervalOf(last.report, facts.nowMonotonicMs - last.endedMs),
    ...hostOf(report, layouts),
    pauses: facts.pauses,
    conditions: (report?.conditions?.() ?? []).map(({ guard, guest, text, level = 'warn' }) => ({
      ...{ guard, guest: refOf(guest), text, level },
    })),
    excluded: (report?.snapshot.problems ?? []).flatMap(({ guest, message }) =>
      guest === null || report?.snapshot.guests.some(({ uuid }) => uuid === guest.uuid)
        ? []
        : [{ guest: refOf(guest)!, message: excludedText(message) }],
    ),
    recording: facts.recording,
  };
}

function healthOf(facts: StatusFacts, problems: readonly string[]): Status['health'] {
  if (isLate(facts)) return 'late';
  if (facts.last === null) return 'starting';
  if (facts.stopped !== null) return 'stopped';
  if (problems.length > 0) return 'problems';
  return isAllPaused(facts.pauses) ? 'paused' : 'ok';
}

/** The same as one pause of all; a pause of a part or of guests leaves Ballast at work. */
function isAllPaused(pauses: Status['pauses']): boolean {
  const has = (part: Status['pauses'][number]['what']): boolean => pauses.some(({ what }) => what === part);
  return has('all') || (has('ksm') && has('balloons'));
}

function isLate({ last, collectIntervalMs, nowMonotonicMs, startedMonotonicMs }: StatusFacts): boolean {
  const sinceMs = nowMonotonicMs - (last?.endedMs ?? startedMonotonicMs);
  return sinceMs > Math.max(LATE_MS, LATE_INTERVALS * collectIntervalMs);
}

function problemsIn(facts: StatusFacts): readonly string[] {
  const { last, libvirt, troubles } = facts;
  const problems: string[] = [];
  if (isLate(facts)) problems.push('no interval has finished lately');
  if (!libvirt.connected) problems.push(`no connection to libvirt at ${libvirt.uri}`);
  problems.push(...troubles);
  if (last === null) return problems;
  const { snapshot, judgement, outcomes } = last.report;
  for (const { guest, collector, message } of snapshot.problems)
    if (guest === null && (collector !== HYPERVISOR || libvirt.connected)) problems.push(`${collector}: ${message}`);
  problems.push(...errorsIn(judgement));
  for (const { action, status, detail } of outcomes)
    if (FAILURES.has(status)) problems.push(`${action.message}: ${status}: ${detail ?? 'no reason given'}`);
  return problems.slice(0, MOST_PROBLEMS);
}

const MOST_PROBLEMS = 20;
const FAILURES: ReadonlySet<string> = new Set(['refused', 'failed', 'pending']);

function errorsIn(judgement: IntervalReport['judgement']): string[] {
  return (judgement?.decision.errors ?? []).map(({ position, message, guest }) => {
    const whose = guest === null ? '' : ` (guest:${safeGuestName(guest.name)})`;
    return `${positionText(position)}: ${message}${whose}`;
  });
}

function intervalOf(report: IntervalReport, ageMs: number): Status['last_interval'] {
  const { snapshot, judgement, outcomes, took } = report;
  return {
    time: timeText(snapshot.timeMs),
    age_s: Math.round(ageMs) / 1000,
    guests: unreadGuests(snapshot.problems) === undefined ? snapshot.guests.length : null,
    evaluated: judgement?.evaluated === true,
    writes: outcomes.length,
    failed_writes: outcomes.filter(({ status }) => FAILURES.has(status)).length,
    policy_errors: errorsIn(judgement).slice(0, MOST_PROBLEMS),
    collect_ms: rounded(took.collectMs),
    decide_ms: rounded(took.decideMs),
    apply_ms: rounded(took.applyMs),
  };
}

type HostStatus = Pick<Status, 'host' | 'overcommit' | 'ksm'>;

/** Of the last interval: adding up a thousand guests for each client would add up, too. */
const hostStatus = new WeakMap<IntervalReport, HostStatus>();

function hostOf(report: IntervalReport | null, layouts: StatusFacts['layouts']): HostStatus {
  const known = report === null ? undefined : hostStatus.get(report);
  if (known !== undefined) return known;
  const made = hostIn(report, layouts);
  if (report !== null) hostStatus.set(report, made);
  return made;
}

function hostIn(report: IntervalReport | null, layouts: StatusFacts['layouts']): HostStatus {
  const sample = report?.snapshot.host ?? null;
  if (report === null || sample === null) return { host: null, overcommit: null, ksm: null };
  const { number } = fieldsOf(layouts.host, sample);
  const { guests } = report.snapshot;
  // An empty list of guests that could not be read is not "no guest", also with collectors that count it so.
  const isKnown = unreadGuests(report.snapshot.problems) === undefined;
  const ofGuests = (name: string): number | null => (isKnown ? number(name) : null);
  const running = ofGuests('guests_running');
  const promised = ofGuests('guests_memory_max');
  const withStatistics = guests.reduce<number | null>(
    (sum, guest) => {
      const kib = fieldsOf(layouts.guest, guest.sample).number('balloon_max');
      return sum === null || kib === null ? null : sum + kib;
    },
    isKnown ? 0 : null,
  );
  const profit = number('ksm_general_profit');
  const ksmdPercent = number('ksmd_cpu_usage');
  return {
    host: {
      total_kib: number('mem_available'),
      ordinary_kib: number('mem_ordinary'),
      allocatable_kib: number('mem_allocatable'),
      unused_kib: number('mem_unused'),
      swap_total_kib: number('swap_total'),
      swap_used_kib: number('swap_usage'),
    },
    overcommit: {
      guests: running,
      promised_kib: promised,
      with_statistics: isKnown ? guests.length : null,
      promised_with_statistics_kib: withStatistics,
      without_statistics: running === null ? null : Math.max(0, running - guests.length),
      promised_without_statistics_kib:
        promised === null || withStatistics === null ? null : Math.max(0, promised - withStatistics),
      current_kib: ofGuests('guests_memory_cur'),
      resident_kib: number('guests_rss'),
      ratio: ofGuests('overcommit_ratio'),
    },
    ksm: {
      run: number('ksm_run'),
      saved_kib: number('ksm_saved'),
      profit_kib: profit === null ? null : Math.round(profit / 1024),
      cpu: ksmdPercent === null ? null : ksmdPercent / 100,
    },
  };
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
