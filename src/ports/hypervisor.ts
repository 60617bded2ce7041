import type { BalloonStats } from '../../packages/node-libvirt/src/balloon-stats.ts';
import type { GuestRef } from '../model/control.ts';

/** libvirt's virDomainState by name. */
export type GuestState =
  | 'no state'
  | 'running'
  | 'blocked'
  | 'paused'
  | 'in shutdown'
  | 'shut off'
  | 'crashed'
  | 'suspended by guest power management';

/** What libvirt's balloon group says of one guest. Absent keys are absent properties; sizes are KiB. */
export interface BalloonReading extends BalloonStats {
  /** Numeric `balloon.*` keys that this version of Ballast has no property for, under libvirt's own names. */
  readonly other: Readonly<Record<string, number>>;
}

/** One guest as the hypervisor shows it at one moment. */
export interface GuestReading extends GuestRef {
  /** libvirt's running id; null when the guest is not running. */
  readonly id: number | null;
  readonly state: GuestState;
  /** The QEMU process; null when it cannot be found. */
  readonly pid: number | null;
  readonly balloon: BalloonReading;
  /** `<memtune><min_guarantee>`, KiB; null when the domain has none. */
  readonly minGuaranteeKib: number | null;
  /** Ballast's own metadata element in the domain XML; null when the domain has none. */
  readonly metadata: GuestMetadata | null;
  /**
   * fresh: answered in this reading; stuck: the hypervisor could not get an answer from this guest in time, so
   * `balloon` holds only what is known without it.
   */
  readonly answer: 'fresh' | 'stuck';
}

/**
 * What an operator may say of a guest in its domain XML:
 * `<metadata><b:guest xmlns:b="https://ballast.example/libvirt/1" min="512MiB"><b:label>db</b:label></b:guest></metadata>`.
 */
export interface GuestMetadata {
  /** KiB; null when the attribute is not there. */
  readonly balloonMinKib: number | null;
  /** As the guest property `labels` has them: sorted, a space between them. */
  readonly labels: string;
}

export interface HypervisorReading {
  /** Running guests, in no particular order. */
  readonly guests: readonly GuestReading[];
  /** Guests of which nothing could be read, and why. */
  readonly problems: readonly { readonly guest: GuestRef | null; readonly message: string }[];
}

export type HypervisorEvent =
  | { readonly kind: 'connected'; readonly uri: string }
  | { readonly kind: 'disconnected'; readonly reason: string; readonly retryInMs: number }
  | { readonly kind: 'guest-appeared'; readonly guest: GuestRef }
  | { readonly kind: 'guest-vanished'; readonly guest: GuestRef }
  | { readonly kind: 'balloon-changed'; readonly guest: GuestRef; readonly currentKib: number }
  /** Something an operator should read once: a guest that stopped answering, a stats period that was set. */
  | { readonly kind: 'notice'; readonly guest: GuestRef | null; readonly message: string };

/** A failure that the hypervisor port knows and names. Anything else that is thrown is a bug. */
export class HypervisorError extends Error {
  /** disconnected: no connection now; gone: no such guest (any more) or not running; timeout: no answer in time; refused: any other no. */
  readonly kind: 'disconnected' | 'gone' | 'timeout' | 'refused';

  constructor(kind: HypervisorError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HypervisorError';
    this.kind = kind;
  }
}

/** The hypervisor as Ballast needs it. Implementations: libvirt.ts, the fake of the tests, later the simulation. */
export interface Hypervisor {
  /**
   * Starts connecting and keeps reconnecting with back-off until {@link close}. Resolves after the first attempt,
   * whether it succeeded or not: true when connected.
   */
  start(): Promise<boolean>;
  readonly connected: boolean;
  /**
   * All running guests. Never waits for a guest that hangs: that one is `stuck`.
   * @throws HypervisorError `disconnected` when there is no connection.
   */
  readGuests(signal: AbortSignal): Promise<HypervisorReading>;
  /**
   * Sets the balloon target of a running guest (live only).
   * @param targetKib integer KiB
   * @throws HypervisorError
   */
  setBalloonTarget(guest: GuestRef, targetKib: number, signal: AbortSignal): Promise<void>;
  onEvent(listener: (event: HypervisorEvent) => void): void;
  /** Puts statistics periods back to what they were, then disconnects. Bounded in time; never throws. */
  close(): Promise<void>;
}
