import type { GuestDomain } from '../ports/guest-domain.ts';
import { sizeIn, type XmlElement } from './xml-element.ts';

const SECTIONS: ReadonlySet<string> = new Set([
  'currentMemory',
  'memoryBacking',
  'cpu',
  'devices',
  'launchSecurity',
  'numatune',
]);

/** Whether a child of `<domain>` says something about the memory of the guest. */
export function isAboutMemory(section: string): boolean {
  return SECTIONS.has(section);
}

/** A `<memory>` device: a DIMM, or memory of which only a part is plugged. */
interface MemoryDevice {
  readonly model: string;
  sizeKib: number;
  pluggedKib: number;
}

/** Reads what a domain's XML says about the memory of the guest, element by element. */
export class MemoryReader {
  #backing = { hugepages: false, locked: false, nosharepages: false, sharedMemory: false };
  #source: GuestDomain['memorySource'] = 'anonymous';
  #hostDevices = 0;
  #pinningDevices = 0;
  #launchSecurity: string | null = null;
  #balloon = { balloonModel: 'none', autodeflate: false, freePageReporting: false };
  #statsPeriodS = 0;
  #numaNode: number | null = null;
  #currentKib: number | null = null;
  readonly #devices: MemoryDevice[] = [];

  /** @throws Error */
  start({ path, attributes }: XmlElement): void {
    const is = (name: string, ...values: string[]): boolean => values.includes(attributes.get(name) ?? '');
    switch (path) {
      case 'memoryBacking/hugepages':
        this.#backing.hugepages = true;
        break;
      case 'memoryBacking/locked':
        this.#backing.locked = true;
        break;
      case 'memoryBacking/nosharepages':
        this.#backing.nosharepages = true;
        break;
      case 'memoryBacking/source':
        if (is('type', 'memfd')) this.#source = 'memfd';
        else if (is('type', 'file')) this.#source = 'file';
        break;
      case 'memoryBacking/access':
        if (is('mode', 'shared')) this.#backing.sharedMemory = true;
        break;
      case 'cpu/numa/cell':
        if (is('memAccess', 'shared')) this.#backing.sharedMemory = true;
        break;
      case 'numatune/memory':
        this.#numaNode = onlyNode(attributes.get('nodeset') ?? '');
        break;
      case 'launchSecurity':
        this.#launchSecurity = (attributes.get('type') ?? 'unknown').slice(0, 40);
        break;
      case 'devices/memory':
        this.#devices.push({ model: attributes.get('model') ?? 'dimm', sizeKib: 0, pluggedKib: 0 });
        break;
      case 'devices/memballoon':
        this.#balloon = {
          balloonModel: (attributes.get('model') ?? 'virtio').slice(0, 40),
          autodeflate: is('autodeflate', 'on'),
          freePageReporting: is('freePageReporting', 'on'),
        };
        break;
      case 'devices/memballoon/stats':
        this.#statsPeriodS = secondsIn(attributes.get('period') ?? '0');
        break;
      case 'devices/hostdev':
        this.#addHostDevice(is('type', 'pci') || (is('type', 'mdev') && is('model', '', 'vfio-pci')));
        break;
      case 'devices/interface':
        if (is('type', 'hostdev', 'vdpa')) this.#addHostDevice(true);
        break;
      case 'devices/disk':
        if (is('type', 'nvme', 'vhostvdpa')) this.#addHostDevice(true);
        break;
    }
  }

  /** @throws Error */
  end(element: XmlElement): void {
    const device = this.#devices.at(-1);
    switch (element.path) {
      case 'currentMemory':
        this.#currentKib = sizeIn(element, '<currentMemory>');
        break;
      case 'devices/memory/target/size':
        if (device !== undefined) device.sizeKib = sizeIn(element, '<size> of a memory device');
        break;
      case 'devices/memory/target/current':
        if (device !== undefined) device.pluggedKib = sizeIn(element, '<current> of a memory device');
        break;
    }
  }

  facts(): GuestDomain {
    const notPlugged = this.#devices.map(({ model, sizeKib, pluggedKib }) =>
      model === 'dimm' ? 0 : model === 'virtio-mem' ? Math.max(0, sizeKib - pluggedKib) : sizeKib,
    );
    return {
      ...this.#backing,
      memorySource: this.#source,
      hostDevices: this.#hostDevices,
      pinningDevices: this.#pinningDevices,
      launchSecurity: this.#launchSecurity,
      ...this.#balloon,
      statsPeriodS: this.#balloon.balloonModel === 'none' ? null : this.#statsPeriodS,
      notPluggedKib: notPlugged.reduce((sum, kib) => sum + kib, 0),
      numaNode: this.#numaNode,
      currentKib: this.#currentKib,
    };
  }

  #addHostDevice(pinsMemory: boolean): void {
    this.#hostDevices++;
    if (pinsMemory) this.#pinningDevices++;
  }
}

/** The number of a set of nodes that has one; null: it has several, or is no number. */
function onlyNode(nodeset: string): number | null {
  return /^\d{1,4}$/.test(nodeset.trim()) ? Number(nodeset) : null;
}

function secondsIn(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`the period of the balloon's statistics is "${text.slice(0, 40)}", which is no number of seconds`);
}
