import type { FieldDecl } from '../../src/model/field.ts';
import { layoutOf, type FieldValue } from '../../src/model/field.ts';
import type { GuestSnapshot, Snapshot } from '../../src/model/snapshot.ts';
import type { GuestDomain } from '../../src/ports/guest-domain.ts';
import type { GuestReading } from '../../src/ports/hypervisor.ts';
import type { RecordedInterval, RecordingHeader } from '../../src/recording/format.ts';

export const HOST_FIELDS = ['mem_available', 'mem_free'] as const;
export const GUEST_FIELDS = ['balloon_cur', 'balloon_max'] as const;
export const LAYOUTS = { host: layoutOf(HOST_FIELDS), guest: layoutOf(GUEST_FIELDS) };

export function uuidOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

export function guestSnapshot(number: number, sample: readonly FieldValue[], id = number): GuestSnapshot {
  const [name, uuid] = [`guest-${number}`, uuidOf(number)];
  return { name, uuid, props: { name, uuid, id, pid: 1000 + number, labels: '' }, sample };
}

/** Times of samples taken every ten seconds, oldest first, milliseconds; the last is `endMs`. */
export function evenTimes(count: number, endMs = 0): readonly number[] {
  return Array.from({ length: count }, (_, at) => endMs + (at + 1 - count) * 10_000);
}

export function snapshot(
  timeMs: number,
  guests: readonly GuestSnapshot[] = [],
  host: readonly FieldValue[] | null = [1000, 500],
): Snapshot {
  return { timeMs, host, guests, problems: [] };
}

export function interval(timeMs: number, guests: readonly GuestSnapshot[] = []): RecordedInterval {
  return { snapshot: snapshot(timeMs, guests), context: false, policy: null };
}

export function header(changes: Partial<RecordingHeader> = {}): RecordingHeader {
  return {
    ballast_recording: 1,
    started: '2026-01-02T03:04:05.000Z',
    host_props: { name: 'host' },
    collect_interval_ms: 5000,
    policy_interval_ms: null,
    history: 3,
    host_fields: [...HOST_FIELDS],
    guest_fields: [...GUEST_FIELDS],
    guest_props: ['id', 'pid', 'labels'],
    memory: { host: {}, guests: {} },
    ...changes,
  };
}

export function field(name: string, changes: Partial<FieldDecl> = {}): FieldDecl {
  return { name, type: 'number', unit: 'KiB', optional: false, doc: 'a field of a test', source: 'a test', ...changes };
}

/** What the domain XML of an ordinary guest says. */
export function guestDomain(changes: Partial<GuestDomain> = {}): GuestDomain {
  return {
    hugepages: false,
    locked: false,
    nosharepages: false,
    memorySource: 'anonymous',
    sharedMemory: false,
    hostDevices: 0,
    pinningDevices: 0,
    launchSecurity: null,
    balloonModel: 'virtio',
    autodeflate: false,
    freePageReporting: false,
    statsPeriodS: 5,
    notPluggedKib: 0,
    numaNode: null,
    currentKib: null,
    ...changes,
  };
}

export function reading(number: number, changes: Partial<GuestReading> = {}): GuestReading {
  return {
    name: `guest-${number}`,
    uuid: uuidOf(number),
    id: number,
    state: 'running',
    pid: 1000 + number,
    startTicks: null,
    balloon: { other: {} },
    minGuaranteeKib: null,
    metadata: null,
    ovirt: null,
    domain: guestDomain(),
    initialKib: null,
    job: 'none',
    missing: null,
    answer: 'fresh',
    ...changes,
  };
}
