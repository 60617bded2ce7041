import { basename } from 'node:path';
import type { Status } from '../../control/api/status.ts';
import { safeGuestName } from '../../model/guest-name.ts';
import { escapeControls, escapeJson } from '../../model/text.ts';
import { daemonClient, type DaemonChoice } from '../support/daemon-client.ts';
import { EXIT } from '../support/exit-codes.ts';
import { healthText } from '../support/health-text.ts';
import type { Io } from '../support/io.ts';
import { shadowLines } from '../support/shadow-text.ts';
import { count, percent, seconds, size } from '../support/units.ts';
import { pauseLine } from './pause-text.ts';

/**
 * `ballast status`: the running daemon and its host at a glance.
 * @throws ClientError when no daemon answers
 */
export async function showStatus(choice: DaemonChoice & { readonly json: boolean }, io: Io): Promise<number> {
  const client = await daemonClient(choice, 'status', 'status', io);
  const status = await client.call('status');
  io.stdout.write(choice.json ? `${escapeJson(JSON.stringify(status, null, 2))}\n` : statusText(status));
  return status.health === 'ok' ? EXIT.ok : EXIT.problems;
}

/** More lines of one kind are counted. */
const MOST_LINES = 10;

export function statusText(status: Status): string {
  const { host, overcommit, ksm, last_interval: last } = status;
  const rows: (readonly [title: string, text: string])[] = [
    ['ballast', `${status.version}, process ${status.pid}, since ${status.started}: ${healthText(status)}`],
    ...status.problems.map((problem) => ['problem', problem] as const),
    ...status.pauses.slice(0, MOST_LINES).map((pause) => ['paused', pauseLine(pause)] as const),
    ...more(status.pauses.length, 'paused', 'pauses'),
  ];
  if (status.dry_run) rows.push(['mode', status.records_only ? 'only records' : 'dry run: nothing is changed']);
  rows.push(['policies', status.policies.map((file) => basename(file)).join(', ') || 'none']);
  // A daemon of an older version has none.
  if (status.shadow)
    for (const [at, line] of shadowLines(status.shadow).entries()) rows.push([at === 0 ? 'shadow' : '', line]);
  rows.push(['libvirt', `${status.libvirt.uri}, ${status.libvirt.connected ? 'connected' : 'not connected'}`]);
  if (last !== null) {
    const work = last.collect_ms + last.decide_ms + last.apply_ms;
    rows.push([
      'interval',
      `${seconds(last.age_s)} ago, every ${seconds(status.collect_interval_s)}: took ${Math.round(work)} ms, ${count(last.writes, 'write')}${last.failed_writes > 0 ? `, ${last.failed_writes} failed` : ''}`,
    ]);
  }
  if (host !== null) {
    rows.push(['host', `${size(host.ordinary_kib)}, ${size(host.allocatable_kib)} of it available; swap used ${size(host.swap_used_kib)} of ${size(host.swap_total_kib)}`]); // prettier-ignore
  }
  if (overcommit !== null && overcommit.guests === null && !status.libvirt.connected)
    rows.push(['guests', 'unknown while libvirt cannot be asked']);
  else if (overcommit !== null) {
    const { guests, with_statistics: seen, without_statistics: unseen } = overcommit;
    rows.push(['guests', `${guests ?? '?'} running, promised ${size(overcommit.promised_kib)}: ${percent(overcommit.ratio)} of the host's memory`]); // prettier-ignore
    rows.push(['', `${seen ?? '?'} with statistics, promised ${size(overcommit.promised_with_statistics_kib)}; ${unseen ?? '?'} without, promised ${size(overcommit.promised_without_statistics_kib)}`]); // prettier-ignore
    rows.push([
      '',
      `their balloons leave them ${size(overcommit.current_kib)}; they occupy ${size(overcommit.resident_kib)} of the host`,
    ]);
  }
  if (ksm !== null)
    rows.push(['KSM', `${ksm.run === 1 ? 'runs' : ksm.run === null ? 'absent' : 'does not run'}, saves ${size(ksm.saved_kib)}, profit ${size(ksm.profit_kib)}, ksmd takes ${percent(ksm.cpu)} of a CPU`]); // prettier-ignore
  if (status.recording !== null) rows.push(['records', status.recording]);
  for (const { guest, text, level } of status.conditions.slice(0, MOST_LINES))
    rows.push([level === 'info' ? 'note' : 'warning', `${guest === null ? 'host' : `guest ${safeGuestName(guest.name)}`}: ${text}`]); // prettier-ignore
  rows.push(...more(status.conditions.length, 'note', 'conditions'));
  for (const { guest, message } of status.excluded.slice(0, MOST_LINES))
    rows.push(['excluded', `guest ${safeGuestName(guest.name)}: ${message}`]);
  rows.push(...more(status.excluded.length, 'excluded', 'guests'));
  return rows.map(([title, text]) => `${title.padEnd(9)} ${escapeControls(text)}\n`).join('');
}

function more(all: number, title: string, what: string): (readonly [string, string])[] {
  return all <= MOST_LINES ? [] : [[title, `and ${all - MOST_LINES} more ${what}; --json has all`]];
}
