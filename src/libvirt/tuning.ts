import { AFFECT, LibvirtError, type CallOptions, type Connection } from 'node-libvirt';
import type { GuestRef } from '../model/control.ts';
import type { DiskLimits, DiskTuning } from '../model/disk-tuning.ts';
import { HypervisorError } from '../ports/hypervisor.ts';
import type { CpuChange, CpuTuning, Tuning } from '../ports/tuning.ts';
import { asHypervisorError, type Link } from './link.ts';
import { Places } from './places.ts';
import { limitsAmong, readTuningMetadata, TUNING_NAMESPACE, type TuningMetadata } from './tuning-metadata.ts';

/** Guests asked at once: libvirtd's workers and our connections are needed for the balloons, too. */
const GUESTS_AT_ONCE = 4;

const NO_METADATA: TuningMetadata = { userLimit: null, disks: [] };

export interface LibvirtTuningOptions {
  readonly link: Pick<Link, 'query' | 'control'>;
  /** Timeout of one call, milliseconds. */
  readonly callTimeoutMs: number;
  /** Whether the guest did not respond lately. */
  readonly isUnresponsive: (uuid: string) => boolean;
  /** Whether an error of a call means that the guest is not running. */
  readonly isNotRunning: (guest: GuestRef, error: unknown, options: CallOptions) => Promise<boolean>;
}

/** CPU and disk limits over libvirt's scheduler and block I/O parameters, of the running guest only. */
export class LibvirtTuning implements Tuning {
  readonly #options: LibvirtTuningOptions;
  readonly #places = new Places(GUESTS_AT_ONCE);

  constructor(options: LibvirtTuningOptions) {
    this.#options = options;
  }

  readCpu(guest: GuestRef, signal: AbortSignal): Promise<CpuTuning> {
    return this.#ask(guest, signal, async (options) => {
      const { userLimit } = await this.#metadata(guest, options);
      const limits = await this.#cpuLimits(guest, options);
      const vcpus = await this.#query((connection) => connection.getVcpus(guest, { flags: AFFECT.LIVE, ...options }));
      return { ...limits, vcpus, userLimit: userLimit ?? 100 };
    });
  }

  readDisks(guest: GuestRef, signal: AbortSignal): Promise<readonly DiskTuning[] | null> {
    return this.#ask(guest, signal, async (options) => {
      const { disks } = await this.#metadata(guest, options);
      const found: DiskTuning[] = [];
      for (const disk of disks) {
        const current = await this.#diskLimits(guest, disk.name, options);
        if (current !== null) found.push({ ...disk, current });
      }
      return found.length === 0 ? null : found;
    });
  }

  setCpu(guest: GuestRef, { quotaUs, periodUs }: CpuChange, signal: AbortSignal): Promise<Required<CpuChange>> {
    const values = {
      ...(quotaUs !== undefined && { vcpu_quota: quotaUs }),
      ...(periodUs !== undefined && { vcpu_period: periodUs }),
    };
    return this.#change(guest, signal, async (options) => {
      await this.#options.link.control((connection) =>
        connection.setSchedulerParameters(guest, values, { flags: AFFECT.LIVE, ...options }),
      );
      return this.#cpuLimits(guest, options);
    });
  }

  setDisk(guest: GuestRef, disk: string, limits: DiskLimits, signal: AbortSignal): Promise<DiskLimits> {
    return this.#change(guest, signal, async (options) => {
      await this.#options.link.control((connection) =>
        connection.setBlockIoTune(guest, disk, limits, { flags: AFFECT.LIVE, ...options }),
      );
      return (await this.#diskLimits(guest, disk, options)) ?? {};
    });
  }

  async #metadata(guest: GuestRef, options: CallOptions): Promise<TuningMetadata> {
    try {
      const call = { flags: AFFECT.LIVE, ...options };
      return readTuningMetadata(
        await this.#query((connection) => connection.getMetadata(guest, TUNING_NAMESPACE, call)),
      );
    } catch (error) {
      if (error instanceof LibvirtError && error.code === 'NO_DOMAIN_METADATA') return NO_METADATA;
      throw error;
    }
  }

  async #cpuLimits(guest: GuestRef, options: CallOptions): Promise<Required<CpuChange>> {
    const { vcpu_quota, vcpu_period } = await this.#query((connection) =>
      connection.getSchedulerParameters(guest, { flags: AFFECT.LIVE, ...options }),
    );
    if (vcpu_quota === undefined || vcpu_period === undefined)
      throw new HypervisorError('refused', 'libvirt reports no vcpu_quota and vcpu_period for this guest');
    return { quotaUs: Number(vcpu_quota), periodUs: Number(vcpu_period) };
  }

  /** null: the guest has no such disk. */
  async #diskLimits(guest: GuestRef, disk: string, options: CallOptions): Promise<DiskLimits | null> {
    try {
      return limitsAmong(
        await this.#query((connection) => connection.getBlockIoTune(guest, disk, { flags: AFFECT.LIVE, ...options })),
      );
    } catch (error) {
      if (error instanceof LibvirtError && error.code === 'INVALID_ARG') return null;
      throw error;
    }
  }

  #query<T>(call: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#options.link.query(call);
  }

  /** Waits for a place, then asks. */
  #ask<T>(guest: GuestRef, signal: AbortSignal, ask: (options: CallOptions) => Promise<T>): Promise<T> {
    return this.#places.use(signal, () => this.#converted(guest, signal, ask));
  }

  async #change<T>(guest: GuestRef, signal: AbortSignal, change: (options: CallOptions) => Promise<T>): Promise<T> {
    if (this.#options.isUnresponsive(guest.uuid))
      throw new HypervisorError('busy', 'the guest does not respond to libvirt; nothing was sent');
    return this.#converted(guest, signal, change);
  }

  async #converted<T>(guest: GuestRef, signal: AbortSignal, call: (options: CallOptions) => Promise<T>): Promise<T> {
    const options = { timeoutMs: this.#options.callTimeoutMs, signal };
    try {
      return await call(options);
    } catch (error) {
      throw (await this.#options.isNotRunning(guest, error, options))
        ? new HypervisorError('gone', 'the guest is no longer running', { cause: error })
        : asHypervisorError(error);
    }
  }
}
