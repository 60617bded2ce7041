import { createHash } from 'node:crypto';

/** What the fake libvirtd knows of one guest. Tests change the fields at will; the next reply shows it. */
export interface FakeGuestOptions {
  readonly name: string;
  /** Made from the name unless given. */
  readonly uuid?: string;
  /** virDomainState; 1 (running) unless given. 5 is shut off. */
  readonly state?: number;
  readonly maximumKib?: number;
  /** The balloon; {@link maximumKib} unless given. */
  readonly currentKib?: number;
  /** What the guest's programs and kernel use. */
  readonly usedKib?: number;
  /** How often the guest reports; 5 unless given, 0: never. */
  readonly statsPeriodS?: number;
  /** The text of `<min_guarantee>` and its unit attribute. */
  readonly minGuarantee?: { readonly value: string; readonly unit?: string };
  /** The `min` attribute of Ballast's own metadata element, or the whole XML for the inside of `<metadata>`. */
  readonly balloonMin?: string;
  readonly metadata?: string;
}

/** The balloon group's figures that come from the guest's driver, by libvirt's names. */
export type DriverFigures = Record<string, number>;

export class FakeGuest {
  readonly name: string;
  readonly uuid: string;
  /** The running id; null when it is not running. */
  id: number | null;
  state: number;
  maximumKib: number;
  currentKib: number;
  /** Where the balloon is to go. */
  targetKib: number;
  usedKib: number;
  statsPeriodS: number;
  /** Epoch second of the last report; counts on while there is a period, unless {@link reporting} is false. */
  lastUpdateS = 0;
  /** False: no driver, or one that has stopped. Its last figures stay. */
  reporting = true;
  swapInKib = 0;
  swapOutKib = 0;
  majorFaults = 120;
  minorFaults = 45_000;
  rssKib: number;
  /** Put over the figures that are made up from the fields above; undefined takes one away. */
  figures: Record<string, number | undefined> = {};
  /** A QEMU process that does not answer, as after SIGSTOP. */
  stuck = false;
  /** Held by a call that waits for QEMU; others cannot have it then. */
  job: symbol | null = null;
  /** The whole domain XML, where the one that is made up does not do. */
  xml: string | null = null;
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
    this.rssKib = Math.round(this.usedKib * 1.1);
    this.statsPeriodS = options.statsPeriodS ?? 5;
    this.minGuarantee = options.minGuarantee;
    this.metadata =
      options.metadata ??
      (options.balloonMin === undefined
        ? ''
        : `<b:guest xmlns:b="https://ballast.example/libvirt/1" min="${options.balloonMin}"/>`);
  }

  get running(): boolean {
    return this.id !== null;
  }

  /** What libvirt would send of the guest's driver; it sends the last report for ever. */
  driverFigures(nowMs: number): DriverFigures {
    if (this.statsPeriodS > 0 && this.reporting) this.lastUpdateS = Math.floor(nowMs / 1000);
    const made: Record<string, number | undefined> = { 'last-update': this.lastUpdateS, rss: this.rssKib };
    if (this.lastUpdateS > 0) {
      const available = this.currentKib - Math.round(this.maximumKib * 0.04);
      const unused = Math.max(0, available - this.usedKib);
      const caches = Math.round(this.usedKib * 0.1);
      Object.assign(made, {
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
    const present = Object.entries({ ...made, ...this.figures }).filter(
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

/** The same uuid for the same name, whoever asks. */
export function uuidFor(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c] ?? c);
}
