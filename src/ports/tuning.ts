import type { DiskLimits, DiskTuning } from '../model/disk-tuning.ts';
import type { GuestRef } from '../model/control.ts';

/** How much CPU time the vCPUs of a guest may use. */
export interface CpuTuning {
  /** Microseconds of each period that a vCPU may run; negative: without limit. */
  readonly quotaUs: number;
  /** Microseconds. */
  readonly periodUs: number;
  readonly vcpus: number;
  /** What the owner of the guest may use of all CPUs of the host, percent; 100 if its metadata does not say. */
  readonly userLimit: number;
}

/** A change of the CPU limits; what is absent stays. */
export type CpuChange = Partial<Pick<CpuTuning, 'quotaUs' | 'periodUs'>>;

/**
 * The CPU and disk limits of guests. All methods ask libvirt about the running guest.
 * @throws HypervisorError; Error with a message for metadata that cannot be read
 */
export interface Tuning {
  readCpu(guest: GuestRef, signal: AbortSignal): Promise<CpuTuning>;
  /** The disks that oVirt's tuning metadata names; null: it names none. */
  readDisks(guest: GuestRef, signal: AbortSignal): Promise<readonly DiskTuning[] | null>;
  /** Resolves with the limits that libvirt reports after the change. */
  setCpu(guest: GuestRef, change: CpuChange, signal: AbortSignal): Promise<Required<CpuChange>>;
  /** Resolves with the limits that libvirt reports after the change. @param disk target or path of the source */
  setDisk(guest: GuestRef, disk: string, limits: DiskLimits, signal: AbortSignal): Promise<DiskLimits>;
}
