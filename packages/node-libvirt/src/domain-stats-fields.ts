import type { BalloonStats } from './balloon-stats.ts';
import type * as S from './domain-stats.ts';
import type { TypedValue } from './typed-params.ts';

/** number: a double or an integer up to 2^53 - 1; int64: any integer. */
export type FieldKind = 'number' | 'int64' | 'boolean' | 'string';

type KindOf<V> = [V] extends [string]
  ? 'string'
  : [V] extends [boolean]
    ? 'boolean'
    : [V] extends [number]
      ? 'number'
      : 'int64';

/** Every scalar of `T` with libvirt's name for it; a missing one is a compile error. */
type Fields<T> = {
  readonly [
    K in keyof T as K extends 'index' ? never : NonNullable<T[K]> extends readonly object[] ? never : K
  ]-?: readonly [suffix: string, kind: KindOf<NonNullable<T[K]>>];
};

/** Where a value is stored: in `group`, or in an element of the list that `lists` leads to. */
export interface Place {
  readonly group: string;
  /** Names of nested lists, outermost first; one for each number in the name. */
  readonly lists: readonly string[];
  readonly field: string;
  readonly kind: FieldKind;
}

const STATE: Fields<S.StateStats> = { state: ['state', 'number'], reason: ['reason', 'number'] };

const CPU: Fields<S.CpuStats> = {
  timeNs: ['time', 'int64'],
  userNs: ['user', 'int64'],
  systemNs: ['system', 'int64'],
  haltpollSuccessNs: ['haltpoll.success.time', 'int64'],
  haltpollFailNs: ['haltpoll.fail.time', 'int64'],
  cacheMonitorCount: ['cache.monitor.count', 'number'],
};

const CACHE_MONITOR: Fields<S.CacheMonitor> = {
  name: ['name', 'string'],
  vcpus: ['vcpus', 'string'],
  bankCount: ['bank.count', 'number'],
};

const CACHE_BANK: Fields<S.CacheBank> = { id: ['id', 'number'], bytes: ['bytes', 'int64'] };

const BALLOON: Fields<BalloonStats> = {
  currentKib: ['current', 'number'],
  maximumKib: ['maximum', 'number'],
  swapInKib: ['swap_in', 'number'],
  swapOutKib: ['swap_out', 'number'],
  majorFaults: ['major_fault', 'number'],
  minorFaults: ['minor_fault', 'number'],
  unusedKib: ['unused', 'number'],
  availableKib: ['available', 'number'],
  usableKib: ['usable', 'number'],
  rssKib: ['rss', 'number'],
  diskCachesKib: ['disk_caches', 'number'],
  hugetlbPagesAllocated: ['hugetlb_pgalloc', 'number'],
  hugetlbPagesFailed: ['hugetlb_pgfail', 'number'],
  lastUpdateS: ['last-update', 'number'],
};

const VCPU_GROUP: Fields<S.VcpuGroup> = { current: ['current', 'number'], maximum: ['maximum', 'number'] };

const VCPU: Fields<S.VcpuStats> = {
  state: ['state', 'number'],
  timeNs: ['time', 'int64'],
  waitNs: ['wait', 'int64'],
  delayNs: ['delay', 'int64'],
  halted: ['halted', 'boolean'],
};

const NET_GROUP: Fields<S.NetGroup> = { count: ['count', 'number'] };

const NET: Fields<S.NetStats> = {
  name: ['name', 'string'],
  rxBytes: ['rx.bytes', 'int64'],
  rxPackets: ['rx.pkts', 'int64'],
  rxErrors: ['rx.errs', 'int64'],
  rxDropped: ['rx.drop', 'int64'],
  txBytes: ['tx.bytes', 'int64'],
  txPackets: ['tx.pkts', 'int64'],
  txErrors: ['tx.errs', 'int64'],
  txDropped: ['tx.drop', 'int64'],
};

const BLOCK_GROUP: Fields<S.BlockGroup> = { count: ['count', 'number'] };

const BLOCK: Fields<S.BlockStats> = {
  name: ['name', 'string'],
  path: ['path', 'string'],
  backingIndex: ['backingIndex', 'number'],
  readRequests: ['rd.reqs', 'int64'],
  readBytes: ['rd.bytes', 'int64'],
  readTimeNs: ['rd.times', 'int64'],
  writeRequests: ['wr.reqs', 'int64'],
  writeBytes: ['wr.bytes', 'int64'],
  writeTimeNs: ['wr.times', 'int64'],
  flushRequests: ['fl.reqs', 'int64'],
  flushTimeNs: ['fl.times', 'int64'],
  errors: ['errors', 'int64'],
  allocationBytes: ['allocation', 'int64'],
  capacityBytes: ['capacity', 'int64'],
  physicalBytes: ['physical', 'int64'],
  thresholdBytes: ['threshold', 'int64'],
};

const IOTHREAD_GROUP: Fields<S.IothreadGroup> = { count: ['count', 'number'] };

const IOTHREAD: Fields<S.IothreadStats> = {
  pollMaxNs: ['poll-max-ns', 'int64'],
  pollGrow: ['poll-grow', 'int64'],
  pollShrink: ['poll-shrink', 'int64'],
};

const MEMORY_GROUP: Fields<S.MemoryGroup> = { bandwidthMonitorCount: ['bandwidth.monitor.count', 'number'] };

const BANDWIDTH_MONITOR: Fields<S.BandwidthMonitor> = {
  name: ['name', 'string'],
  vcpus: ['vcpus', 'string'],
  nodeCount: ['node.count', 'number'],
};

const BANDWIDTH_NODE: Fields<S.BandwidthNode> = {
  id: ['id', 'number'],
  localBytes: ['bytes.local', 'int64'],
  totalBytes: ['bytes.total', 'int64'],
};

const DIRTY_RATE: Fields<S.DirtyRateGroup> = {
  status: ['calc_status', 'number'],
  startTimeS: ['calc_start_time', 'int64'],
  periodS: ['calc_period', 'number'],
  mode: ['calc_mode', 'string'],
  megabytesPerSecond: ['megabytes_per_second', 'int64'],
};

const DIRTY_RATE_VCPU: Fields<S.DirtyRateVcpu> = { megabytesPerSecond: ['megabytes_per_second', 'int64'] };

type Table = Readonly<Record<string, readonly [string, FieldKind]>>;

/** Prefix (numbers as `#`), group, lists, fields. */
const TABLES: readonly (readonly [string, string, readonly string[], Table])[] = [
  ['state.', 'state', [], STATE],
  ['cpu.', 'cpu', [], CPU],
  ['cpu.cache.monitor.#.', 'cpu', ['cacheMonitors'], CACHE_MONITOR],
  ['cpu.cache.monitor.#.bank.#.', 'cpu', ['cacheMonitors', 'banks'], CACHE_BANK],
  ['balloon.', 'balloon', [], BALLOON],
  ['vcpu.', 'vcpu', [], VCPU_GROUP],
  ['vcpu.#.', 'vcpu', ['vcpus'], VCPU],
  ['net.', 'net', [], NET_GROUP],
  ['net.#.', 'net', ['interfaces'], NET],
  ['block.', 'block', [], BLOCK_GROUP],
  ['block.#.', 'block', ['disks'], BLOCK],
  ['iothread.', 'iothread', [], IOTHREAD_GROUP],
  ['iothread.#.', 'iothread', ['threads'], IOTHREAD],
  ['memory.', 'memory', [], MEMORY_GROUP],
  ['memory.bandwidth.monitor.#.', 'memory', ['bandwidthMonitors'], BANDWIDTH_MONITOR],
  ['memory.bandwidth.monitor.#.node.#.', 'memory', ['bandwidthMonitors', 'nodes'], BANDWIDTH_NODE],
  ['dirtyrate.', 'dirtyrate', [], DIRTY_RATE],
  ['dirtyrate.vcpu.#.', 'dirtyrate', ['vcpus'], DIRTY_RATE_VCPU],
];

/** By libvirt's name with every number replaced by `#`. */
export const PLACES: ReadonlyMap<string, Place> = new Map(
  TABLES.flatMap(([prefix, group, lists, table]) =>
    Object.entries(table).map(
      ([field, [suffix, kind]]) => [`${prefix}${suffix}`, { group, lists, field, kind }] as const,
    ),
  ),
);

/** The empty lists of a new group or list element. */
export const LISTS_IN: Readonly<Record<string, readonly string[]>> = {
  cpu: ['cacheMonitors'],
  vcpu: ['vcpus'],
  net: ['interfaces'],
  block: ['disks'],
  iothread: ['threads'],
  memory: ['bandwidthMonitors'],
  dirtyrate: ['vcpus'],
  cacheMonitors: ['banks'],
  bandwidthMonitors: ['nodes'],
};

/** Groups whose value names are defined by the hypervisor or the kernel. */
export const OPEN_GROUPS: Readonly<Record<string, (value: TypedValue) => boolean>> = {
  perf: (value) => typeof value === 'number' || typeof value === 'bigint',
  vm: () => true,
};
