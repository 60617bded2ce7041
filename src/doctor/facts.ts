import type { GuestRef } from '../model/control.ts';
import type { GuestDomain } from '../ports/guest-domain.ts';
import type { GuestState } from '../ports/hypervisor.ts';

/** A value that was read, or why it could not be read. What this host does not have is a value: null. */
export type Fact<T> = { readonly isKnown: true; readonly value: T } | { readonly isKnown: false; readonly why: string };

export function known<T>(value: T): Fact<T> {
  return { isKnown: true, value };
}

export function unknown(why: string): Fact<never> {
  return { isKnown: false, why };
}

/** A program that writes KSM settings. */
export interface KsmWriter {
  readonly name: string;
  /** The systemd service that runs it; null: it was started in another way. */
  readonly service: string | null;
  /** One of its processes; null: unknown. */
  readonly pid: number | null;
}

export interface MemoryFacts {
  readonly totalKib: number;
  /** null: the kernel does not say. */
  readonly swapKib: number | null;
  /** Reserved as huge pages, and how much of that nobody uses; null: the kernel does not say. */
  readonly hugepagesKib: number | null;
  readonly unusedHugepagesKib: number | null;
}

/** A control group that may use less memory than the host has. */
export interface MemoryGroup {
  /** As in /proc/PID/cgroup. */
  readonly path: string;
  /** The file with the limit. */
  readonly file: string;
  readonly limitKib: number;
}

/** What was found out about one running guest. */
export interface GuestFacts extends GuestRef {
  readonly state: GuestState;
  /** Whether QEMU answered libvirt. */
  readonly responds: boolean;
  /** How long its QEMU process has run, seconds; null: unknown. */
  readonly upS: number | null;
  readonly maximumKib: number | null;
  /** Age of its last memory statistics, seconds; null: it has never sent any. */
  readonly reportAgeS: number | null;
  /** Figures that every current driver sends and this one does not. */
  readonly lacking: readonly string[];
  /** null: its XML could not be read. */
  readonly domain: GuestDomain | null;
  /** Whether the files of its QEMU process can be read. */
  readonly process: Fact<true>;
  /** The control groups with a limit that its QEMU process is in, innermost first. */
  readonly groups: Fact<readonly MemoryGroup[]>;
}

/** What the config says, as far as checks depend on it. */
export interface ConfiguredFacts {
  /** Nothing is written. */
  readonly dryRun: boolean;
  readonly controlsKsm: boolean;
  readonly controlsBalloons: boolean;
  /** Seconds; 0: never set. */
  readonly statsPeriodS: number;
}

/** Everything that the checks look at. Plain data. */
export interface Facts {
  readonly configured: ConfiguredFacts;
  /** The Ballast that writes to this host now, in words; null: none. */
  readonly daemon: string | null;
  /** Why nothing may be written; null: it may. */
  readonly stopped: string | null;
  /** The user that gathered the facts. */
  readonly uid: number;
  /** As in `process.version`. */
  readonly nodeVersion: string;
  /** The value of KSM's `run`; null: this kernel has no KSM. */
  readonly ksmRun: Fact<number | null>;
  readonly ksmMergesAcrossNodes: Fact<number | null>;
  /** Whether this user may write KSM's settings: null, or why not. */
  readonly ksmRefusal: Fact<string | null>;
  readonly ksmWriters: Fact<readonly KsmWriter[]>;
  /** NUMA nodes; null: the kernel does not say. */
  readonly numaNodes: Fact<number | null>;
  readonly memory: Fact<MemoryFacts>;
  /** The selected mode of transparent huge pages; null: this kernel has none. */
  readonly transparentHugepages: Fact<string | null>;
  /** khugepaged's max_ptes_none; null: this kernel has none. */
  readonly khugepagedEmptyPages: Fact<number | null>;
  /** vm.overcommit_memory. */
  readonly overcommitMode: Fact<number | null>;
  /** Whether /proc/pressure/memory can be read. */
  readonly hasPressure: Fact<boolean>;
  /** libvirt's version as it counts: 9000000 is 9.0.0. */
  readonly libvirtVersion: Fact<number>;
  readonly guests: Fact<readonly GuestFacts[]>;
}
