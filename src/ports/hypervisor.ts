import type { BalloonStats } from '../../packages/node-libvirt/src/balloon-stats.ts';
import type { GuestRef } from '../model/control.ts';
import type { GuestAgent } from './guest-agent.ts';
import type { Tuning } from './tuning.ts';
import type { GuestDomain, GuestLimits, MissingStatistics } from './guest-domain.ts';

/** libvirt's virDomainState by name, in the order of its numbers. */
export const GUEST_STATES = [
  'no state',
  'running',
  'blocked',
  'paused',
  'in shutdown',
  'shut off',
  'crashed',
  'suspended by guest power management',
] as const;

export type GuestState = (typeof GUEST_STATES)[number];

/** libvirt's balloon statistics of one guest. Values that libvirt did not send are absent; sizes are KiB. */
export interface BalloonReading extends BalloonStats {
  /** Numeric `balloon.*` values without a property here, by libvirt's names. */
  readonly other: Readonly<Record<string, number>>;
}

/** One reading of one guest. */
export interface GuestReading extends GuestRef {
  /** libvirt's domain id; null when the guest is not running. */
  readonly id: number | null;
  readonly state: GuestState;
  /** The pid of its QEMU process; null when unknown. */
  readonly pid: number | null;
  /** When that process started, ticks since boot: with uuid and pid it identifies a run of the guest; null when unknown. */
  readonly startTicks: number | null;
  readonly balloon: BalloonReading;
  /** `<memtune><min_guarantee>`, KiB; null when absent. */
  readonly minGuaranteeKib: number | null;
  /** Ballast's metadata element in the domain XML; null when absent. */
  readonly metadata: GuestMetadata | null;
  /** oVirt's metadata element; null when absent. */
  readonly ovirt: GuestLimits | null;
  /** What else the domain XML says; null when it cannot be read. */
  readonly domain: GuestDomain | null;
  /** `<currentMemory>` when the guest was first seen in this run, KiB; null when unknown. */
  readonly initialKib: number | null;
  /** `none`, or what libvirt does with the guest: `migration`, `save`, `dump`, `snapshot` …; null when unknown. */
  readonly job: string | null;
  /** Why `balloon` has no current statistics of the guest's memory; null when it has. */
  readonly missing: MissingStatistics | null;
  /**
   * fresh: the guest responded in this reading; stuck: it did not respond in time, so `balloon` has only the values that
   * the hypervisor knows without it.
   */
  readonly answer: 'fresh' | 'stuck';
}

/**
 * Settings of a guest in its domain XML:
 * `<metadata><b:guest xmlns:b="https://ballast.example/libvirt/1" min="512MiB" ballooning="off"><b:label>db</b:label></b:guest></metadata>`.
 */
export interface GuestMetadata extends GuestLimits {
  /** In the format of the guest property `labels`: sorted, separated by spaces. */
  readonly labels: string;
}

export interface HypervisorReading {
  /** Running guests, in no particular order. */
  readonly guests: readonly GuestReading[];
  /** Guests that could not be read, and why. */
  readonly problems: readonly { readonly guest: GuestRef | null; readonly message: string }[];
}

export type HypervisorEvent =
  | { readonly kind: 'connected'; readonly uri: string }
  | { readonly kind: 'disconnected'; readonly reason: string; readonly retryInMs: number }
  | { readonly kind: 'guest-appeared'; readonly guest: GuestRef }
  | { readonly kind: 'guest-vanished'; readonly guest: GuestRef }
  | { readonly kind: 'balloon-changed'; readonly guest: GuestRef; readonly currentKib: number }
  /** The end of one call to libvirt; `outcome` as that of {@link HypervisorError}. */
  | { readonly kind: 'call'; readonly call: string; readonly tookMs: number; readonly outcome: CallOutcome }
  /** A message for the operator: a guest stopped responding, a statistics period was set. */
  | { readonly kind: 'notice'; readonly guest: GuestRef | null; readonly message: string };

export const CALL_OUTCOMES = ['done', 'refused', 'timeout', 'disconnected', 'aborted'] as const;

/** done: answered; refused: libvirt returned an error; timeout, aborted: nobody waits for the answer any more. */
export type CallOutcome = (typeof CALL_OUTCOMES)[number];

/** An expected failure of the hypervisor port. Any other exception is a bug. */
export class HypervisorError extends Error {
  /**
   * disconnected: no connection; gone: the guest does not exist or is not running; busy: nothing was sent, because the
   * guest or libvirt does not answer at the moment; timeout: no reply in time; refused: any other error.
   */
  readonly kind: 'disconnected' | 'gone' | 'busy' | 'timeout' | 'refused';

  constructor(kind: HypervisorError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HypervisorError';
    this.kind = kind;
  }
}

/** The hypervisor port. Implementations: libvirt.ts and the fake of the tests. */
export interface Hypervisor {
  /**
   * Connects, and reconnects with back-off until {@link close}. Resolves after the first attempt: true when connected.
   */
  start(): Promise<boolean>;
  readonly connected: boolean;
  /**
   * Reads all running guests. Does not wait for a guest that hangs: it is `stuck`.
   * @throws HypervisorError `disconnected` when there is no connection.
   */
  readGuests(signal: AbortSignal): Promise<HypervisorReading>;
  /**
   * Reads one guest that {@link readGuests} has returned once more, right before its balloon is changed. A short timeout
   * applies.
   * @returns null when it is no longer running
   * @throws HypervisorError
   */
  readGuest(guest: GuestRef, signal: AbortSignal): Promise<GuestReading | null>;
  /**
   * Sets the balloon target of a running guest (live only). While a change of a guest hangs, no second one is sent; a
   * notice tells its result when it comes.
   * @param targetKib integer KiB
   * @throws HypervisorError
   */
  setBalloonTarget(guest: GuestRef, targetKib: number, signal: AbortSignal): Promise<void>;
  /** The CPU and disk limits of guests. */
  readonly tuning: Tuning;
  readonly agent: GuestAgent;
  onEvent(listener: (event: HypervisorEvent) => void): void;
  /** Restores the statistics periods, then disconnects. Limited in time; never throws. */
  close(): Promise<void>;
}
