import type { FieldDecl, FieldValue } from '../model/field.ts';
import type { Host } from '../ports/host.ts';
import type { GuestReading } from '../ports/hypervisor.ts';
import type { SettingKeys, SettingsGroup, SettingsOf } from './settings.ts';

/**
 * What a collector found. A property that is left out (or undefined) is absent: nil when the field is optional;
 * when it is mandatory the guest (or host) is not offered to the policy in this interval.
 */
export type FieldValues = Readonly<Record<string, FieldValue | undefined>>;

/** What a collector may use of the world. The clock comes in as a function so that tests and replay can own it. */
export interface CollectorContext<Keys extends SettingKeys = SettingKeys> {
  readonly host: Host;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From the config: the lowest size of a guest's balloon by name pattern, KiB; the first match wins, null without one. */
  readonly balloonMinKib: (guestName: string) => number | null;
  /** What the config says now of the collector's own keys; a reload may change it. */
  readonly settings: () => SettingsOf<Keys>;
}

/**
 * Reads host statistics. `collect` runs once an interval; each interval has a signal of its own. Throwing means "failed" (it is logged and the fields are
 * missing); leaving a property out means "absent".
 */
export interface HostCollector<Keys extends SettingKeys = SettingKeys> {
  readonly name: string;
  readonly scope: 'host';
  readonly fields: readonly FieldDecl[];
  readonly settings?: SettingsGroup<Keys>;
  create(context: CollectorContext<Keys>): {
    collect(signal: AbortSignal, guests: readonly GuestReading[]): Promise<FieldValues> | FieldValues;
  };
}

/** Reads the statistics of one guest. `collect` runs once an interval for each running guest; the rest is as for the host. */
export interface GuestCollector<Keys extends SettingKeys = SettingKeys> {
  readonly name: string;
  readonly scope: 'guest';
  readonly fields: readonly FieldDecl[];
  readonly settings?: SettingsGroup<Keys>;
  create(context: CollectorContext<Keys>): {
    collect(guest: GuestReading, signal: AbortSignal): Promise<FieldValues> | FieldValues;
  };
}

export type Collector = HostCollector | GuestCollector;

/** Collectors and controllers are plain objects: this only gives their literals a type. */
export function defineCollector<T extends Collector>(collector: T): T {
  return collector;
}
