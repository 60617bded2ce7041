import type { ControlRequest, PolicyScalar } from '../../src/model/control.ts';
import { layoutOf, type FieldValue } from '../../src/model/field.ts';
import type { GuestView, PolicyInput } from '../../src/model/snapshot.ts';
import { plan } from '../../src/engine/plan.ts';
import { guards } from '../../guards/index.ts';
import type { Plan } from '../../src/model/decision.ts';
import type { Controller, ControllerContext } from '../../src/plugin/controller.ts';
import type { PluginSettings, SettingKeys, SettingsOf } from '../../src/plugin/settings.ts';
import type { Host } from '../../src/ports/host.ts';
import type { Hypervisor } from '../../src/ports/hypervisor.ts';
import { evenTimes, uuidOf } from './builders.ts';
import { START_MS } from './kernel.ts';

/** Field values by name; a field that is left out is not collected at all. */
export type Fields = Readonly<Record<string, FieldValue>>;

export interface TestGuest {
  readonly number?: number;
  readonly name?: string;
  /** With spaces between them. */
  readonly labels?: string;
  /** libvirt's running id. */
  readonly id?: number;
  /** Oldest first. */
  readonly samples: readonly Fields[];
}

/** What a controller is shown: the layouts are made of the fields that are given. */
export function inputOf(host: Fields, guests: readonly TestGuest[] = [], timeMs = START_MS): PolicyInput {
  const hostLayout = layoutOf(Object.keys(host));
  const guestLayout = layoutOf([...new Set(guests.flatMap(({ samples }) => samples.flatMap(Object.keys)))]);
  const views = guests.map(({ number = 1, name = `guest-${number}`, id = number, labels = '', samples }): GuestView => {
    const uuid = uuidOf(number);
    const rows = samples.map((sample) => guestLayout.names.map((field) => sample[field] ?? null));
    return {
      name,
      uuid,
      props: { name, uuid, id, pid: null, labels },
      samples: rows,
      times: evenTimes(rows.length, timeMs),
    };
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

/** What the config says for the guards of balloons; without a headroom, so that a test has to ask for one. */
export function settingsWith(balloon: Partial<SettingsOf<SettingKeys>> = {}): PluginSettings {
  return { balloon: { floor: 262144, floor_ratio: 0.25, headroom: 0, max_stats_age: 60_000, ...balloon } };
}

/** What becomes of requests when this controller is the only one, under all guards. */
export function planOf(
  controller: Controller,
  requests: readonly ControlRequest[],
  input: PolicyInput,
  settings = settingsWith(),
): Plan {
  return plan({ guards, controllers: [controller] }, { requests, errors: [] }, input, settings);
}

/** What the effectful half of a controller is given. */
export function controllerContext(host: Host, hypervisor: Hypervisor, callTimeoutMs = 5000): ControllerContext {
  return { host, hypervisor, callTimeoutMs, settings: () => ({}) };
}
