import { createHash } from 'node:crypto';
import type { DiskLimit } from '../../src/model/disk-tuning.ts';

/** The state of a guest of the fake libvirtd. Tests can change fields at any time; the next reply reflects it. */
export interface FakeGuestOptions {
  readonly name: string;
  /** Default: derived from the name. */
  readonly uuid?: string;
  /** virDomainState: 5 is shut off. Default: 1, running. */
  readonly state?: number;
  readonly maximumKib?: number;
  /** The balloon size. Default: {@link maximumKib}. */
  readonly currentKib?: number;
  /** Memory used by the guest's programs and kernel. */
  readonly usedKib?: number;
  /** The statistics period; 0: no reports. Default: 5. */
  readonly statsPeriodS?: number;
  /** The text of `<min_guarantee>` and its unit attribute. */
  readonly minGuarantee?: { readonly value: string; readonly unit?: string };
  /** The `min` attribute of Ballast's metadata element; `metadata` is the complete content of `<metadata>` instead. */
  readonly balloonMin?: string;
  readonly metadata?: string;
}

/** The statistics of the balloon group that the guest's driver reports, by libvirt's names. */
export type DriverFigures = Record<string, number>;

export class FakeGuest {
  readonly name: string;
  readonly uuid: string;
  /** The domain id; null if the guest is not running. */
  id: number | null;
  state: number;
  maximumKib: number;
  currentKib: number;
  /** The target size of the balloon. */
  targetKib: number;
  usedKib: number;
  statsPeriodS: number;
  /** Epoch second of the last report; updated while there is a period, unless {@link reporting} is false. */
  lastUpdateS = 0;
  /** False: no driver, or one that has stopped. The last statistics remain. */
  reporting = true;
  swapInKib = 0;
  swapOutKib = 0;
  majorFaults = 120;
  minorFaults = 45_000;
  /** Override the statistics computed from the fields above; undefined removes one. */
  figures: Record<string, number | undefined> = {};
  /** QEMU does not respond, as after SIGSTOP. */
  stuck = false;
  /** It is being migrated to another host. */
  migrating = false;
  /** virDomainJobOperation of another job; null: none. */
  operation: number | null = null;
  /** The limits of its vCPUs. */
  readonly scheduler = { vcpu_quota: -1, vcpu_period: 100_000 };
  /** The I/O limits of its disks, by target. */
  readonly disks: Record<string, Partial<Record<DiskLimit, number>>> = { vda: {} };
  /** libvirt's job lock, held by a call that waits for QEMU. */
  job: symbol | null = null;
  /** Replaces the generated domain XML. */
  xml: string | null = null;
  #rssKib: number | null = null;
  readonly minGuarantee: FakeGuestOptions['minGuarantee'];
  metadata: string;

  constructor(options: FakeGuestOptions, id: number) {
    this.name = options.name;
    this.uuid = options.uuid ?? uuidFor(options.name);
    this.state = options.state ?? 1;
    this.id = this.state === 5 ? null : id;
    this.maximumKib = options.maximumKib ?? 1_048_576;
    this.currentKib = options.currentKib ?? this.maximumKib;
    this.targetKib = this.currentKib;
    this.usedKib = options.usedKib ?? Math.round(this.currentKib * 0.4);
    this.statsPeriodS = options.statsPeriodS ?? 5;
    this.minGuarantee = options.minGuarantee;
    this.metadata =
      options.metadata ??
      (options.balloonMin === undefined
        ? ''
        : `<b:guest xmlns:b="https://ballast.example/libvirt/1" min="${options.balloonMin}"/>`);
  }

  /** The resident size of QEMU. The page cache of this guest fills at once all that it has. A test can set another size. */
  get rssKib(): number {
    return this.#rssKib ?? this.currentKib;
  }

  set rssKib(kib: number) {
    this.#rssKib = kib;
  }

  get running(): boolean {
    return this.id !== null;
  }

  /** The driver statistics that libvirt would return; it keeps returning the last report. */
  driverFigures(nowMs: number): DriverFigures {
    if (this.statsPeriodS > 0 && this.reporting) this.lastUpdateS = Math.floor(nowMs / 1000);
    const generated: Record<string, number | undefined> = { 'last-update': this.lastUpdateS, rss: this.rssKib };
    if (this.lastUpdateS > 0) {
      const available = this.currentKib - Math.round(this.maximumKib * 0.04);
      const unused = Math.max(0, available - this.usedKib);
      const caches = Math.round(this.usedKib * 0.1);
      Object.assign(generated, {
        swap_in: this.swapInKib,
        swap_out: this.swapOutKib,
        major_fault: this.majorFaults,
        minor_fault: this.minorFaults,
        unused,
        available,
        usable: Math.min(available, unused + caches),
        disk_caches: caches,
        hugetlb_pgalloc: 0,
        hugetlb_pgfail: 0,
      });
    }
    const present = Object.entries({ ...generated, ...this.figures }).filter(
      (entry): entry is [string, number] => entry[1] !== undefined,
    );
    return Object.fromEntries(present);
  }

  domainXml(): string {
    if (this.xml !== null) return this.xml;
    const unit = this.minGuarantee?.unit === undefined ? '' : ` unit='${this.minGuarantee.unit}'`;
    const memtune =
      this.minGuarantee === undefined
        ? ''
        : `<memtune><min_guarantee${unit}>${this.minGuarantee.value}</min_guarantee></memtune>`;
    const stats = this.statsPeriodS > 0 ? `<stats period='${this.statsPeriodS}'/>` : '';
    return `<domain type='kvm'${this.id === null ? '' : ` id='${this.id}'`}>
  <name>${escapeXml(this.name)}</name>
  <uuid>${this.uuid}</uuid>
  <metadata>${this.metadata}</metadata>
  <memory unit='KiB'>${this.maximumKib}</memory>
  <currentMemory unit='KiB'>${this.currentKib}</currentMemory>
  ${memtune}
  <vcpu placement='static'>1</vcpu>
  <os><type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type></os>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <memballoon model='virtio'>${stats}<alias name='balloon0'/></memballoon>
  </devices>
</domain>`;
  }
}

/** Derives a UUID from a name. */
export function uuidFor(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c] ?? c);
}
