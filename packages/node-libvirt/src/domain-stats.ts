import type { BalloonStats } from './balloon-stats.ts';
import type { Domain } from './domain-ref.ts';
import type { TypedValue } from './typed-params.ts';
import type { Int64 } from './xdr.ts';

/**
 * Bulk statistics of one domain. Groups that were not requested and groups and values that libvirt did not send are
 * absent. {@link Int64} values are numbers up to 2^53 - 1 and bigints beyond.
 */
export interface DomainStats {
  readonly domain: Domain;
  readonly state?: StateStats;
  readonly cpu?: CpuStats;
  readonly balloon?: BalloonStats;
  readonly vcpu?: VcpuGroup;
  readonly net?: NetGroup;
  readonly block?: BlockGroup;
  readonly iothread?: IothreadGroup;
  readonly memory?: MemoryGroup;
  readonly dirtyrate?: DirtyRateGroup;
  /** perf events by libvirt's name (`cache_misses`). */
  readonly perf?: Readonly<Record<string, Int64>>;
  /** Hypervisor-specific statistics, by name without `vm.`. */
  readonly vm?: Readonly<Record<string, TypedValue>>;
  /** All other values that libvirt sent, by full name, including known values of an unexpected type or size. */
  readonly other: Readonly<Record<string, TypedValue>>;
}

export interface StateStats {
  /** virDomainState, see `DOMAIN_STATE`. */
  readonly state?: number;
  /** Its meaning depends on the state. */
  readonly reason?: number;
}

export interface CpuStats {
  readonly timeNs?: Int64;
  readonly userNs?: Int64;
  readonly systemNs?: Int64;
  readonly haltpollSuccessNs?: Int64;
  readonly haltpollFailNs?: Int64;
  readonly cacheMonitorCount?: number;
  readonly cacheMonitors: readonly CacheMonitor[];
}

export interface CacheMonitor {
  readonly index: number;
  readonly name?: string;
  readonly vcpus?: string;
  readonly bankCount?: number;
  readonly banks: readonly CacheBank[];
}

export interface CacheBank {
  readonly index: number;
  readonly id?: number;
  readonly bytes?: Int64;
}

export interface VcpuGroup {
  readonly current?: number;
  readonly maximum?: number;
  readonly vcpus: readonly VcpuStats[];
}

export interface VcpuStats {
  readonly index: number;
  /** virVcpuState: 0 offline, 1 running, 2 blocked. */
  readonly state?: number;
  readonly timeNs?: Int64;
  readonly waitNs?: Int64;
  readonly delayNs?: Int64;
  readonly halted?: boolean;
}

export interface NetGroup {
  readonly count?: number;
  readonly interfaces: readonly NetStats[];
}

export interface NetStats {
  readonly index: number;
  readonly name?: string;
  readonly rxBytes?: Int64;
  readonly rxPackets?: Int64;
  readonly rxErrors?: Int64;
  readonly rxDropped?: Int64;
  readonly txBytes?: Int64;
  readonly txPackets?: Int64;
  readonly txErrors?: Int64;
  readonly txDropped?: Int64;
}

export interface BlockGroup {
  readonly count?: number;
  readonly disks: readonly BlockStats[];
}

export interface BlockStats {
  readonly index: number;
  readonly name?: string;
  readonly path?: string;
  readonly backingIndex?: number;
  readonly readRequests?: Int64;
  readonly readBytes?: Int64;
  readonly readTimeNs?: Int64;
  readonly writeRequests?: Int64;
  readonly writeBytes?: Int64;
  readonly writeTimeNs?: Int64;
  readonly flushRequests?: Int64;
  readonly flushTimeNs?: Int64;
  readonly errors?: Int64;
  readonly allocationBytes?: Int64;
  readonly capacityBytes?: Int64;
  readonly physicalBytes?: Int64;
  readonly thresholdBytes?: Int64;
}

export interface IothreadGroup {
  readonly count?: number;
  readonly threads: readonly IothreadStats[];
}

export interface IothreadStats {
  readonly index: number;
  readonly pollMaxNs?: Int64;
  readonly pollGrow?: Int64;
  readonly pollShrink?: Int64;
}

export interface MemoryGroup {
  readonly bandwidthMonitorCount?: number;
  readonly bandwidthMonitors: readonly BandwidthMonitor[];
}

export interface BandwidthMonitor {
  readonly index: number;
  readonly name?: string;
  readonly vcpus?: string;
  readonly nodeCount?: number;
  readonly nodes: readonly BandwidthNode[];
}

export interface BandwidthNode {
  readonly index: number;
  readonly id?: number;
  readonly localBytes?: Int64;
  readonly totalBytes?: Int64;
}

export interface DirtyRateGroup {
  /** 0 not started, 1 measuring, 2 measured. */
  readonly status?: number;
  readonly startTimeS?: Int64;
  readonly periodS?: number;
  readonly mode?: string;
  readonly megabytesPerSecond?: Int64;
  readonly vcpus: readonly DirtyRateVcpu[];
}

export interface DirtyRateVcpu {
  readonly index: number;
  readonly megabytesPerSecond?: Int64;
}
