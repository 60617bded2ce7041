import { safeGuestName } from '../../model/guest-name.ts';
import type { GuestSummary, HostSummary } from '../../engine/summary.ts';
import { table } from '../support/table.ts';

const NOTE = `Targets, decisions and KSM changes are what the policy would have decided. Sizes, shared pages and reclaimed memory
are as they were recorded.
`;

/** The tables at the end of a replay. Guest sizes are in KiB, as in the log; totals include their unit. */
export function renderSummary(host: HostSummary, guests: readonly GuestSummary[]): string {
  const rows = guests.map((guest) => [
    safeGuestName(guest.name),
    String(guest.startKib),
    String(guest.endKib),
    guest.lowestTargetKib === null ? '-' : String(guest.lowestTargetKib),
    guest.highestTargetKib === null ? '-' : String(guest.highestTargetKib),
    String(guest.decisions),
    String(guest.errors),
  ]);
  const right = (title: string) => ({ title, align: 'right' as const });
  const perGuest = table(
    [
      { title: 'guest (KiB)', align: 'left' },
      right('start'),
      right('end'),
      right('lowest target'),
      right('highest target'),
      right('decisions'),
      right('errors'),
    ],
    rows,
  );
  const totals = [
    ['time', span(host)],
    ['intervals', `${host.intervals}, the policy evaluated in ${host.evaluations}`],
    ['KSM changes', String(host.ksmChanges)],
    ['pages shared by KSM', pagesShared(host)],
    ['memory reclaimed', mostAndLast(host.mostReclaimedKib, host.lastReclaimedKib, mib)],
    ['  by balloons', mostAndLast(host.mostBalloonedKib, host.lastBalloonedKib, mib)],
    [
      '  by KSM',
      host.mostSharedKib === null && host.mostPagesSharing !== null
        ? 'unknown: the page size of the host was not recorded'
        : mostAndLast(host.mostSharedKib, host.lastSharedKib, mib),
    ],
    ['requests held back', String(host.held)],
    ['policy errors', String(host.errors + guests.reduce((sum, { errors }) => sum + errors, 0))],
  ];
  return `${guests.length === 0 ? 'no guests were recorded\n' : perGuest}\n${table(
    [
      { title: 'host', align: 'left' },
      { title: '', align: 'left' },
    ],
    totals,
  )}\n${NOTE}`;
}

function pagesShared({ mostPagesSharing, lastPagesSharing, stalePagesSharing }: HostSummary): string {
  const text = mostAndLast(mostPagesSharing, lastPagesSharing, String);
  return stalePagesSharing === null
    ? text
    : `${text}; the kernel still counts ${stalePagesSharing} of guests that are gone`;
}

function mostAndLast(most: number | null, last: number | null, format: (value: number) => string): string {
  return most === null || last === null ? 'no KSM on this host' : `${format(most)} at most, ${format(last)} at the end`;
}

function span({ fromMs, toMs }: HostSummary): string {
  if (fromMs === null || toMs === null) return 'nothing recorded';
  const minutes = (toMs - fromMs) / 60_000;
  return `${new Date(fromMs).toISOString()} to ${new Date(toMs).toISOString()} (${minutes.toFixed(1)} min)`;
}

function mib(kib: number): string {
  return `${Math.round(kib / 1024)} MiB`;
}
