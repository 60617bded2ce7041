import type { FieldDecl, FieldValue } from '../model/field.ts';
import type { Host } from '../ports/host.ts';
import type { GuestReading } from '../ports/hypervisor.ts';
import type { GuestAgent } from '../ports/guest-agent.ts';
import type { Tuning } from '../ports/tuning.ts';
import type { SettingKeys, SettingsGroup, SettingsOf } from './settings.ts';

/**
 * The field values read by a collector. A missing or undefined property is absent: nil if the field is optional; if it is
 * mandatory, the guest (or host) is excluded from policy evaluation in this interval.
 */
export type FieldValues = Readonly<Record<string, FieldValue | undefined>>;

/** The environment of a collector. The clock is a function so that tests can control it. */
export interface CollectorContext<Keys extends SettingKeys = SettingKeys> {
  readonly host: Host;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The configured minimum balloon size of a guest, KiB: the first matching name pattern; null if none matches. */
  readonly balloonMinKib: (guestName: string) => number | null;
  /** What switches ballooning of a guest off: its name in the config, or a label; null if nothing does. */
  readonly ballooningOff: (guestName: string, ownLabels: string) => 'config' | 'label' | null;
  /** What the guards found about a guest in the snapshot before, by field; empty: nothing yet. */
  readonly verdicts: (uuid: string) => FieldValues;
  /** What Ballast wrote to a guest, by field; empty: nothing is known. @param nowMs milliseconds since the epoch */
  readonly writes: (uuid: string, nowMs: number) => FieldValues;
  /** The CPU and disk limits of guests, for collectors that ask libvirt about each guest. */
  readonly tuning: Tuning;
  /** The agents in the guests, for collectors that ask them. */
  readonly agent: GuestAgent;
  /** The current values of the collector's config keys; a reload can change them. */
  readonly settings: () => SettingsOf<Keys>;
}

/**
 * Reads host statistics. `collect` is called once per interval, each time with a new signal. If it throws, the error is logged
 * and the fields are missing; a property that is left out is absent.
 */
export interface HostCollector<Keys extends SettingKeys = SettingKeys> {
  readonly name: string;
  readonly scope: 'host';
  /** Used only if the config lists it. Absent: used unless the config lists others. */
  readonly optIn?: true;
  readonly fields: readonly FieldDecl[];
  readonly settings?: SettingsGroup<Keys>;
  create(context: CollectorContext<Keys>): {
    /** @param guestsAreKnown false: libvirt could not be asked; guests is empty then, whatever runs */
    collect(
      signal: AbortSignal,
      guests: readonly GuestReading[],
      guestsAreKnown: boolean,
    ): Promise<FieldValues> | FieldValues;
  };
}

/** Reads the statistics of one guest. `collect` is called once per interval for each running guest; otherwise like HostCollector. */
export interface GuestCollector<Keys extends SettingKeys = SettingKeys> {
  readonly name: string;
  readonly scope: 'guest';
  /** Used only if the config lists it. Absent: used unless the config lists others. */
  readonly optIn?: true;
  /**
   * Whether the values depend on nothing but the reading, so that `collect` may be called once more between two intervals:
   * right before a write that comes late. Default: false, and the values of the interval are used.
   */
  readonly stateless?: boolean;
  readonly fields: readonly FieldDecl[];
  readonly settings?: SettingsGroup<Keys>;
  create(context: CollectorContext<Keys>): {
    collect(guest: GuestReading, signal: AbortSignal): Promise<FieldValues> | FieldValues;
  };
}

export type Collector = HostCollector | GuestCollector;

/** Returns its argument; infers the type of a collector literal. */
export function defineCollector<T extends Collector>(collector: T): T {
  return collector;
}
