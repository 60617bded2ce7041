/**
 * Every figure of the model in one place, with its unit and where it comes from. `estimated` means: of the right size, and to be fitted to
 * recordings of real hosts.
 */

/** KiB; x86-64. */
export const PAGE_KIB = 4;

export const MIB = 1024 / PAGE_KIB;

/** When virtual time begins, milliseconds since the epoch: Monday 2026-01-05, midnight UTC. */
export const EPOCH_MS = Date.UTC(2026, 0, 5);

/** The memory of a guest. */
export const GUEST = {
  /** What its kernel and its firmware keep: pages, and a share of its memory. Linux: struct page alone is 1.6 %. */
  kernelBase: 52 * MIB,
  kernelShare: 0.042,
  /** Of the kernel's part, what MemTotal does not include. */
  hiddenShare: 0.56,
  /** Page cache that reclaim cannot get below, share of the same: mapped programs. estimated */
  cacheLeastShare: 0.005,
  /** How much page cache it can drop in a second, pages. estimated */
  reclaimPerS: 1024 * MIB,
  /** How much it can write to its swap in a second, pages: a virtual disk. estimated */
  swapOutPerS: 100 * MIB,
  /** More than this is reclaimed by the allocations themselves, because kswapd is not fast enough, pages per second. estimated */
  kswapdPerS: 128 * MIB,
  /** Pages that one stalled allocation reclaims. Linux: SWAP_CLUSTER_MAX */
  cluster: 32,
  /** Pages that are read with one fault. Linux: page-cluster 3 */
  readAhead: 8,
  /** What it costs a task to wait until one page is swapped out, seconds. estimated */
  swapOutS: 10e-6,
  /** Share of what it has left that a greedy guest admits. */
  greedyLeft: 0.02,
  /** Share of the swapped pages that are in use which it touches in a second. estimated */
  touchedPerS: 0.05,
  /** What reading one page from swap costs its task, seconds: 80 us of a disk in the cloud, 8 pages read ahead, some lost. estimated */
  swapInS: 40e-6,
  /** What reading one page of a file costs, seconds: read ahead works better. estimated */
  refaultS: 20e-6,
  /** Share of the reads that go to the hot part of the files. estimated */
  hotReads: 0.8,
  /** What the OOM killer leaves of the anonymous memory, and how long until the program runs again, seconds. estimated */
  oomLeaves: 0.2,
  oomRestartS: 30,
  /** So long nothing could be reclaimed when its OOM killer acts, seconds. estimated */
  oomPatienceS: 2,
  /** Memory that QEMU itself uses on the host, pages. test/real-host: 60 to 250 MiB, the latter under TCG */
  qemu: 60 * MIB,
  /** Of that, what all QEMUs of a host share: the program. */
  qemuShared: 32 * MIB,
  /** Memory that booting touches, besides what its kernel keeps, pages. */
  boot: 45 * MIB,
  /** From the start until the balloon driver works, seconds. test/real-host: 5 to 15 s */
  bootS: 20,
} as const;

/** The low watermark of a guest's kernel. Linux */
export const WATERMARK = {
  /** min_free_kbytes is so many times the root of the memory in KiB. */
  rootFactor: 4,
  /** Transparent huge pages raise it, unless the guest is small: by the number of its zones, but no more than a share of its memory. */
  hugeFromKib: 560 * 1024,
  hugeKib: 44 * 1024,
  hugeMostKib: 66 * 1024,
  thirdZoneKib: 3.5 * 1024 * 1024,
  hugeShare: 0.05,
  /** The low watermark, in multiples of that. */
  low: 1.25,
} as const;

/** Speeds of a balloon, pages per second. estimated */
export const BALLOON = {
  inflateFree: 1024 * MIB,
  inflateCache: 256 * MIB,
  inflateSwap: 125 * MIB,
  deflate: 1024 * MIB,
  /** Share of the time of reclaiming that counts as waiting for memory. */
  stalls: 0.8,
  /** Of what had to be reclaimed, the share that lies in huge pages of the host which the guest uses the rest of. */
  tornShare: 0.55,
  /** So much of that comes to use again with each page that the guest touches later. */
  filledShare: 0.45,
} as const;

/** Free page reporting. Linux reports free blocks of 2 MiB, two seconds after they became free. */
export const REPORTING = {
  /** Share of the free memory that is in such blocks. estimated */
  blockShare: 0.8,
  /** Share of those that is reported within a second. estimated */
  perS: 0.3,
} as const;

export const HOST = {
  /** Watermarks as shares of the memory: below `low` kswapd works until `high`, below `least` the allocations themselves. estimated */
  least: 0.002,
  low: 0.01,
  high: 0.015,
  /** Page cache that is not reclaimed, share of the memory. estimated */
  cacheLeast: 0.005,
  /** How fast the page cache grows into free memory, pages per second: programs that read files. estimated */
  cachePerS: 50 * MIB,
  /** Share of the pages in use among those on the host's swap that a guest touches in a second. estimated */
  touchedPerS: 0.1,
  /** The same of the pages there that are idle: each is touched about once an hour. estimated */
  idleTouchedPerS: 1 / 3600,
  /** What one page from the host's swap costs a guest, seconds: its vCPU waits, without read ahead. estimated */
  swapInS: 100e-6,
  /** How long nothing can be had before the OOM killer comes, seconds. estimated */
  oomPatienceS: 2,
  /** Less than this share of what is wanted is nothing. estimated */
  oomShare: 0.05,
} as const;

/** The ARC of OpenZFS. */
export const ARC = {
  /** How fast it grows, pages per second. estimated */
  growPerS: 100 * MIB,
  /** It yields this long after memory became short, seconds, and so much in a second, pages. estimated */
  lateS: 5,
  yieldPerS: 200 * MIB,
} as const;

export const KSM = {
  /** What ksmd needs for a page that it has never met, for one that it has merged, and for one that it compares with others, seconds. */
  freshS: 0.7e-6,
  knownS: 0.6e-6,
  comparedS: 6e-6,
  /** How much longer than it is told it sleeps, seconds: ticks of the kernel. */
  lateS: 4.5e-3,
  /** How many merged pages are copied in a second when it is told to undo its merges. */
  unmergePerS: 100_000,
  /** The smart scan: after so many passes, pages that never merged are skipped in most of them. Linux */
  patientPasses: 4,
  visitedShare: 1 / 9,
  /** Metadata of one page that is known to it, bytes: struct ksm_rmap_item. */
  itemBytes: 64,
  /** Part of what is known to it and not merged that changes between two scans. estimated */
  volatileShare: 0.02,
  maxSharing: 256,
  /** The kernel's default, milliseconds. */
  pruneMs: 2000,
} as const;

/** The windows of the pressure stall information, seconds. Linux */
export const PRESSURE_WINDOWS_S = [10, 60, 300] as const;
