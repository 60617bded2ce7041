/**
 * Every figure of the model in one place, with its unit and where it comes from.
 *
 * `measured`: from recordings of real guests, by `npm run calibrate` and scripts/calibration/fit.ts, 2026-11-27, Linux 6.18 with emulated guests
 * (QEMU 7.2, TCG). docs/calibration.md has the spread of the measurements, and says how far the simulator is from others. Where emulation would
 * mislead about KVM, the comment says what was made of the figure. `estimated`: of the right size. `Linux`: from its sources.
 */

/** KiB; x86-64. */
export const PAGE_KIB = 4;

export const MIB = 1024 / PAGE_KIB;

/** When virtual time begins, milliseconds since the epoch: Monday 2026-01-05, midnight UTC. */
export const EPOCH_MS = Date.UTC(2026, 0, 5);

/** The memory of a guest. */
export const GUEST = {
  /** What its kernel and its firmware keep: pages, and a share of its memory. measured, with a small system: others keep more in their demand */
  kernelBase: 52 * MIB,
  kernelShare: 0.041,
  /** Of the kernel's part, what MemTotal does not include. measured */
  hiddenShare: 0.58,
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
  /** What it costs a task to wait until one page is swapped out, seconds. measured, on a fast disk */
  swapOutS: 8e-6,
  /** Share of what it has left that a greedy guest admits. */
  greedyLeft: 0.02,
  /** Share of the swapped pages that are in use which it touches in a second. estimated */
  touchedPerS: 0.05,
  /** What reading one page from swap costs its task, seconds, with what is read ahead. measured, on a fast disk */
  swapInS: 30e-6,
  /** What reading one page of a file costs, seconds: read ahead works better. estimated */
  refaultS: 20e-6,
  /** Share of the reads that go to the hot part of the files. estimated */
  hotReads: 0.8,
  /** What the OOM killer leaves of the anonymous memory, and how long until the program runs again, seconds. estimated */
  oomLeaves: 0.2,
  oomRestartS: 30,
  /** So long nothing could be reclaimed when its OOM killer acts, seconds. estimated */
  oomPatienceS: 2,
  /** Share of the kernel's part that nobody touches for minutes. measured, by what a host that swaps reads back */
  idleKernel: 0.6,
  /** Memory that QEMU itself uses on the host, pages. measured, less its cache of translated code, which only emulation has */
  qemu: 60 * MIB,
  /** Of that, what all QEMUs of a host share: the program. measured */
  qemuShared: 30 * MIB,
  /** Memory that booting touches, besides what its kernel keeps, pages. measured, with a small system */
  boot: 50 * MIB,
  /** From the start until the balloon driver works, seconds. estimated: a kernel with nothing to start takes 4 */
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

/** A balloon; speeds are pages per second. measured, with a CPU to itself: KVM is at least as fast, a host without CPU time is slower */
export const BALLOON = {
  inflateFree: 760 * MIB,
  inflateCache: 250 * MIB,
  inflateSwap: 125 * MIB,
  deflate: 1700 * MIB,
  /** Share of the time of reclaiming that the guest's pressure counts as waiting for memory. measured */
  stalls: 0.75,
  /** Of what had to be reclaimed, the share that lies in huge pages of the host which the guest uses the rest of. measured */
  tornShare: 0.5,
  /** So much of that comes to use again with each page that the guest touches later. measured */
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
  touchedPerS: 0.05,
  /** The same of the pages there that are idle: each is touched about once an hour. estimated */
  idleTouchedPerS: 1 / 3600,
  /** How long nothing can be had before the OOM killer comes, seconds. measured: at once, and no step is shorter */
  oomPatienceS: 1,
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
  /** What ksmd needs for a page that it has never met, for one that it has merged, and for one that it compares with others, seconds. measured */
  freshS: 0.8e-6,
  knownS: 0.6e-6,
  comparedS: 6e-6,
  /** How much longer than it is told it sleeps, seconds: a tick of the kernel (Linux, 250 Hz), and what waking it takes. measured */
  lateS: 5.5e-3,
  /** How many merged pages are copied in a second when it is told to undo its merges. measured */
  unmergePerS: 130_000,
  /** The smart scan: after so many passes, pages that never merged are skipped in most of them. Linux */
  patientPasses: 4,
  visitedShare: 1 / 9,
  /** Metadata of one page that is known to it, bytes: struct ksm_rmap_item. */
  itemBytes: 64,
  /** Part of what is known to it and not merged that changes between two scans. measured, with idle guests */
  volatileShare: 0.02,
  maxSharing: 256,
  /** The kernel's default, milliseconds. */
  pruneMs: 2000,
} as const;

/** The windows of the pressure stall information, seconds. Linux */
export const PRESSURE_WINDOWS_S = [10, 60, 300] as const;
