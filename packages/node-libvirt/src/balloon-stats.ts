/**
 * The balloon group of a domain's bulk statistics; sizes in KiB. Values that libvirt did not send are absent. All values
 * except `currentKib` and `maximumKib` depend on the guest's driver.
 */
export interface BalloonStats {
  readonly currentKib?: number;
  readonly maximumKib?: number;
  readonly swapInKib?: number;
  readonly swapOutKib?: number;
  readonly majorFaults?: number;
  readonly minorFaults?: number;
  readonly unusedKib?: number;
  readonly availableKib?: number;
  readonly usableKib?: number;
  /** Resident memory of the hypervisor process on the host. */
  readonly rssKib?: number;
  readonly diskCachesKib?: number;
  readonly hugetlbPagesAllocated?: number;
  readonly hugetlbPagesFailed?: number;
  /** Time of the guest's last report, seconds since the epoch; absent or 0 when it never reported. */
  readonly lastUpdateS?: number;
}
