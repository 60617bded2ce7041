/**
 * What the domain XML of a guest says about its memory. Plain data; sizes are KiB.
 */
export interface GuestDomain {
  /** Memory that is backed by huge pages of the host. */
  readonly hugepages: boolean;
  /** Memory that the host must not swap out. */
  readonly locked: boolean;
  /** KSM must not merge its pages. */
  readonly nosharepages: boolean;
  /** What its memory consists of: anonymous memory, a memfd or a file. */
  readonly memorySource: 'anonymous' | 'memfd' | 'file';
  /** Memory that is shared with other processes (vhost-user, virtiofs). */
  readonly sharedMemory: boolean;
  /** Devices of the host that the guest has, of any kind. */
  readonly hostDevices: number;
  /** Devices that pin all memory of the guest: VFIO, vDPA. */
  readonly pinningDevices: number;
  /** `sev`, `sev-snp`, `tdx`, `s390-pv`; null: memory is not encrypted. */
  readonly launchSecurity: string | null;
  /** The balloon's model; `none` when it has none. */
  readonly balloonModel: string;
  readonly autodeflate: boolean;
  readonly freePageReporting: boolean;
  /** Period of the balloon statistics, seconds; 0: the guest reports none; null: it has no balloon. */
  readonly statsPeriodS: number | null;
  /** Included in libvirt's maximum, but not memory that a balloon could return: virtio-mem that is not plugged, NVDIMMs. */
  readonly notPluggedKib: number;
  /** The only NUMA node of the host that its memory is bound to or prefers (`<numatune>`); null: none, or several. */
  readonly numaNode: number | null;
  /** `<currentMemory>`; null when absent. */
  readonly currentKib: number | null;
}

/** Limits of a guest that a management system or its owner put into the domain's metadata; null where it says nothing. */
export interface GuestLimits {
  readonly balloonMinKib: number | null;
  /** false: its balloon must not be moved. */
  readonly ballooning: boolean | null;
}

/** Why a guest has no current memory statistics. */
export interface MissingStatistics {
  /** `not booted` needs no attention: the guest started or was found only a moment ago. */
  readonly cause: 'no device' | 'period 0' | 'not booted' | 'no driver' | 'incomplete' | 'service silent';
  /** The cause and the cure in words, to follow the guest's name. */
  readonly message: string;
}

/**
 * The largest size of a guest that its balloon can reach; undefined when libvirt sent no maximum. Never less than the
 * guest already has: more may have been plugged since the XML was read.
 */
export function pluggedMaximumKib(guest: {
  readonly balloon: { readonly currentKib?: number; readonly maximumKib?: number };
  readonly domain: GuestDomain | null;
}): number | undefined {
  const { currentKib = 0, maximumKib } = guest.balloon;
  if (maximumKib === undefined) return undefined;
  const plugged = maximumKib - (guest.domain?.notPluggedKib ?? 0);
  return Math.min(maximumKib, Math.max(plugged, currentKib));
}
