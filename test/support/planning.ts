import type { ControlRequest, PolicyScalar, RequestedValue } from '../../src/model/control.ts';
import { layoutOf, type FieldValue } from '../../src/model/field.ts';
import type { GuestView, PolicyInput } from '../../src/model/snapshot.ts';
import { defaultConfig } from '../../src/compose/config.ts';
import { plan } from '../../src/engine/plan.ts';
import { guards } from '../../guards/index.ts';
import type { Plan } from '../../src/model/decision.ts';
import type { Controller, ControllerContext } from '../../src/plugin/controller.ts';
import type { PluginSettings } from '../../src/plugin/settings.ts';
import type { Host } from '../../src/ports/host.ts';
import type { Hypervisor } from '../../src/ports/hypervisor.ts';
import { evenTimes, uuidOf } from './builders.ts';
import { START_MS } from './kernel.ts';

/** Field values by name; missing fields are not collected. */
export type Fields = Readonly<Record<string, FieldValue>>;

export interface TestGuest {
  readonly number?: number;
  readonly name?: string;
  /** Separated by spaces. */
  readonly labels?: string;
  /** libvirt's domain id. */
  readonly id?: number;
  /** Oldest first. */
  readonly samples: readonly Fields[];
}

/**
 * The input of a controller; its layouts consist of the given fields.
 * @param host the current sample, or all samples, oldest first
 */
export function inputOf(
  host: Fields | readonly Fields[],
  guests: readonly TestGuest[] = [],
  timeMs = START_MS,
): PolicyInput {
  const hostSamples = Array.isArray(host) ? (host as readonly Fields[]) : [host as Fields];
  const hostLayout = layoutOf([...new Set(hostSamples.flatMap(Object.keys))]);
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
    host: {
      props: { name: 'host' },
      samples: hostSamples.map((sample) => hostLayout.names.map((field) => sample[field] ?? null)),
      times: evenTimes(hostSamples.length, timeMs),
    },
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

const DEFAULTS = Object.entries(defaultConfig().pluginSettings);

/** The settings of all guards with their defaults, but switched off as far as they can be; `changes` by group. */
export function settingsWith(balloon: PluginSettings[string] = {}, changes: PluginSettings = {}): PluginSettings {
  const all = DEFAULTS.map(([key, settings]) => [
    key,
    { ...settings, ...('enabled' in settings && { enabled: false }), ...changes[key] },
  ]);
  return {
    ...Object.fromEntries(all),
    // Without headroom, so that tests set it explicitly.
    balloon: { floor: 262144, floor_ratio: 0.25, headroom: 0, max_stats_age: 60_000, ...balloon },
  };
}

/** Plans requests with all guards and this controller only. */
export function planOf(
  controller: Controller,
  requests: readonly RequestedValue[],
  input: PolicyInput,
  settings = settingsWith(),
): Plan {
  return plan({ guards, controllers: [controller] }, { requests, errors: [] }, input, settings);
}

/** The context for the part of a controller with side effects. */
export function controllerContext(host: Host, hypervisor: Hypervisor, callTimeoutMs = 5000): ControllerContext {
  return { host, hypervisor, callTimeoutMs, settings: () => ({}) };
}
