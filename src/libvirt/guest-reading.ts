import type { DomainStats } from 'node-libvirt';
import { GUEST_STATES, type BalloonReading, type GuestReading, type HypervisorReading } from '../ports/hypervisor.ts';
import { hasResponse } from './bulk-query.ts';
import type { GuestRecord } from './guest-record.ts';

export function reading(
  records: readonly GuestRecord[],
  statistics: ReadonlyMap<string, DomainStats | null>,
): HypervisorReading {
  // A guest without an entry stopped or started while the guests were read: it is left out.
  const guests = records.flatMap((record) => {
    const stats = statistics.get(record.uuid);
    return stats === undefined || stats?.domain.id === null ? [] : [guestReading(record, stats)];
  });
  return { guests, problems: [] };
}

export function guestReading(record: GuestRecord, stats: DomainStats | null): GuestReading {
  const { name, uuid, id, pid, startTicks, facts, initialKib, job } = record;
  const balloon = stats?.balloon ?? {};
  return {
    name,
    uuid,
    id,
    pid,
    startTicks,
    minGuaranteeKib: facts?.minGuaranteeKib ?? null,
    metadata: facts?.metadata ?? null,
    ovirt: facts?.ovirt ?? null,
    domain: facts?.domain ?? null,
    initialKib,
    job,
    missing: record.statistics.missing,
    state: GUEST_STATES[stats?.state?.state ?? 0] ?? 'no state',
    balloon: { ...balloon, other: numbersOf(stats) },
    answer: record.xmlRead && hasResponse(stats) ? 'fresh' : 'stuck',
  };
}

function numbersOf(stats: DomainStats | null): BalloonReading['other'] {
  const entries = Object.entries(stats?.other ?? {}).flatMap(([key, value]) => {
    if (!key.startsWith('balloon.')) return [];
    return typeof value === 'number' ? [[key.slice('balloon.'.length), value] as const] : [];
  });
  return Object.fromEntries(entries);
}
