import type { ControlRequest, PolicyScalar } from '../../src/model/control.ts';
import { layoutOf, type FieldValue } from '../../src/model/field.ts';
import type { GuestView, PolicyInput } from '../../src/model/snapshot.ts';
import type { ControllerSettings } from '../../src/plugin/controller.ts';
import { evenTimes, uuidOf } from './builders.ts';
import { START_MS } from './kernel.ts';

/** Field values by name; a field that is left out is not collected at all. */
export type Fields = Readonly<Record<string, FieldValue>>;

export interface TestGuest {
  readonly number?: number;
  readonly name?: string;
  /** libvirt's running id. */
  readonly id?: number;
  /** Oldest first. */
  readonly samples: readonly Fields[];
}

/** What a controller is shown: the layouts are made of the fields that are given. */
export function inputOf(host: Fields, guests: readonly TestGuest[] = [], timeMs = START_MS): PolicyInput {
  const hostLayout = layoutOf(Object.keys(host));
  const guestLayout = layoutOf([...new Set(guests.flatMap(({ samples }) => samples.flatMap(Object.keys)))]);
  const views = guests.map(({ number = 1, name = `guest-${number}`, id = number, samples }): GuestView => {
    const uuid = uuidOf(number);
    const rows = samples.map((sample) => guestLayout.names.map((field) => sample[field] ?? null));
    return { name, uuid, props: { name, uuid, id, pid: null }, samples: rows, times: evenTimes(rows.length, timeMs) };
  });
  return {
    timeMs,
    hostLayout,
    guestLayout,
    host: { props: { name: 'host' }, samples: [Object.values(host)], times: [timeMs] },
    guests: views,
  };
}

export function requestOf(name: string, value: PolicyScalar, guest: number | null = null): ControlRequest {
  return {
    name,
    guest: guest === null ? null : { name: `guest-${guest}`, uuid: uuidOf(guest) },
    value,
    reason: 'because',
    position: { file: 'a.policy', line: 3, column: 5 },
  };
}

export function settingsWith(balloon: Partial<ControllerSettings['balloon']> = {}): ControllerSettings {
  return {
    callTimeoutMs: 5000,
    balloon: { floorKib: 262144, floorRatio: 0.25, headroomKib: 0, maxStatsAgeMs: 60_000, ...balloon },
  };
}
