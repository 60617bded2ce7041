/**
 * The balloon group of a domain's bulk statistics; sizes in KiB. What libvirt did not send is absent. Only `currentKib` and `maximumKib`
 * do not depend on the guest's driver.
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
  /** Resident memory of the hypervisor's process on the host. */
  readonly rssKib?: number;
  readonly diskCachesKib?: number;
  readonly hugetlbPagesAllocated?: number;
  readonly hugetlbPagesFailed?: number;
  /** Epoch second of the guest's last report; absent or 0 when it never reported. */
  readonly lastUpdateS?: number;
}
