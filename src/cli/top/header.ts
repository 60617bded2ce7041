import type { Status } from '../../control/api/status.ts';
import { safeGuestName } from '../../model/guest-name.ts';
import { pauseLine } from '../handlers/pause-text.ts';
import { healthText } from '../support/health-text.ts';
import { count, percent, seconds, size } from '../support/units.ts';
import type { Answers } from './feed.ts';

/** A line above the table. */
export interface HeaderLine {
  readonly text: string;
  /** Shown in reverse, where the terminal can. */
  readonly isAlarm: boolean;
}

/** Problems, pauses and warnings that are listed; `ballast status` has all. */
const MOST = 4;

/** The daemon and its host, most important first: a small terminal shows only the beginning. */
export function headerOf({ status, answeredMs, trouble }: Answers, nowMs: number): readonly HeaderLine[] {
  const sinceS = Math.max(0, nowMs - answeredMs) / 1000;
  const quiet = (text: string): HeaderLine => ({ text, isAlarm: false });
  const alarm = (text: string): HeaderLine => ({ text, isAlarm: true });
  const matters = [
    ...status.problems.map(alarm),
    ...status.conditions
      .filter(({ level }) => level !== 'info')
      .map(({ guest, text }) => alarm(`${guest === null ? 'host' : `guest ${safeGuestName(guest.name)}`}: ${text}`)),
    ...status.pauses.map((pause) => quiet(`paused: ${pauseLine(pause)}`)),
  ];
  return [
    ...(trouble === null ? [] : [alarm(troubleText(trouble, answeredMs, nowMs)), alarm(trouble.message)]),
    quiet(daemonText(status, sinceS)),
    ...factsOf(status).map(quiet),
    ...matters.slice(0, MOST),
    ...(matters.length > MOST ? [quiet(`and ${matters.length - MOST} more: see "ballast status"`)] : []),
  ];
}

function troubleText({ sinceMs }: NonNullable<Answers['trouble']>, answeredMs: number, nowMs: number): string {
  const at = new Date(answeredMs).toTimeString().slice(0, 8);
  return `NO ANSWER for ${seconds(Math.max(0, nowMs - sinceMs) / 1000)}: all below is of ${at}; asking again`;
}

function daemonText(status: Status, sinceS: number): string {
  const { version, last_interval: last } = status;
  const interval =
    last === null
      ? 'no interval has finished'
      : `interval ${seconds(last.age_s + sinceS)} ago, took ${Math.round(last.collect_ms + last.decide_ms + last.apply_ms)} ms, ${count(last.writes, 'write')}`;
  return `ballast ${version}: ${healthText(status)}; ${interval}`;
}

function factsOf({ host, overcommit, ksm, libvirt }: Status): readonly string[] {
  const facts: string[] = [];
  if (host !== null)
    facts.push(`host    ${size(host.allocatable_kib)} of ${size(host.ordinary_kib)} available; swap used ${size(host.swap_used_kib)} of ${size(host.swap_total_kib)}`); // prettier-ignore
  if (overcommit !== null && overcommit.guests === null && !libvirt.connected)
    facts.push('guests  unknown while libvirt cannot be asked');
  else if (overcommit !== null)
    facts.push(`guests  ${overcommit.guests ?? '?'}, promised ${size(overcommit.promised_kib)}: ${percent(overcommit.ratio)} of the host; have ${size(overcommit.current_kib)}, occupy ${size(overcommit.resident_kib)}`); // prettier-ignore
  if (ksm !== null)
    facts.push(`KSM     ${ksm.run === 1 ? 'runs' : ksm.run === null ? 'absent' : 'does not run'}, saves ${size(ksm.saved_kib)}, profit ${size(ksm.profit_kib)}, ksmd ${percent(ksm.cpu)} of a CPU`); // prettier-ignore
  return facts;
}
