import { bedPaths } from './bed-paths.ts';

export interface GuestOptions {
  /** Unique among the guests; the domain name is `ballast-test-NAME`. */
  readonly name: string;
  /** Memory at start (libvirt's currentMemory). */
  readonly memoryMib: number;
  /** Maximum memory (libvirt's memory). Default: {@link memoryMib}. */
  readonly maxMib?: number;
  /** Statistics period in seconds; 0: no reports. Default: 2. */
  readonly statsPeriodS?: number;
  /** False: the guest has the device, but no driver for it. Default: true. */
  readonly balloonDriver?: boolean;
  /** The guest's driver takes memory back from the balloon before it runs out of it. Default: false, as in libvirt. */
  readonly autodeflate?: boolean;
  /** Attributes of its balloon device: freePageReporting … */
  readonly balloonAttributes?: string;
  /** A file that is the guest's disk for swap; the command `swap` of guest-init.sh uses it. Default: no disk. */
  readonly swapFile?: string;
  /** Size of QEMU's cache of translated code. Default: QEMU's own, which grows to more than 100 MiB. */
  readonly translationCacheMib?: number;
  /** What it boots instead of the bed's initramfs. */
  readonly initramfs?: string;
  /** XML content of `<metadata>`. */
  readonly metadata?: string;
  /** Additional XML in `<domain>`: `<memtune>`, `<cputune>` … */
  readonly extra?: string;
}

/** Paths of one guest's files in the bed. */
export interface GuestFiles {
  readonly consoleLog: string;
  readonly controlSocket: string;
}

/** A guest that boots the bed's kernel with QEMU's CPU emulation (KVM is not available everywhere) and a minimum of devices. */
export function guestXml(domain: string, options: GuestOptions, files: GuestFiles): string {
  const { kernel, initramfs } = bedPaths();
  const noDriver =
    options.balloonDriver === false ? ' ballast.balloon=off initcall_blacklist=virtio_balloon_driver_init' : '';
  return `
<domain type='qemu'>
  <name>${domain}</name>
  <metadata>${options.metadata ?? ''}</metadata>
  <memory unit='MiB'>${options.maxMib ?? options.memoryMib}</memory>
  <currentMemory unit='MiB'>${options.memoryMib}</currentMemory>
  <vcpu>1</vcpu>
  ${options.extra ?? ''}
  <os>
    <type arch='x86_64' machine='pc'>hvm</type>
    <kernel>${kernel}</kernel>
    <initrd>${options.initramfs ?? initramfs}</initrd>
    <cmdline>console=ttyS0 quiet${noDriver}</cmdline>
  </os>
  <features><acpi/>${translationCache(options.translationCacheMib)}</features>
  <devices>
    <controller type='usb' model='none'/>${swapDisk(options.swapFile)}
    <serial type='file'><source path='${files.consoleLog}'/><target port='0'/></serial>
    <serial type='unix'><source mode='bind' path='${files.controlSocket}'/><target port='1'/></serial>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    <memballoon model='virtio'${options.autodeflate === true ? " autodeflate='on'" : ''} ${options.balloonAttributes ?? ''}>${statsPeriod(options.statsPeriodS ?? 2)}</memballoon>
  </devices>
</domain>`;
}

function translationCache(mib: number | undefined): string {
  return mib === undefined ? '' : `<tcg><tb-cache unit='MiB'>${mib}</tb-cache></tcg>`;
}

/** Without the host's page cache: what a guest swaps out must not stay in the host's memory. */
function swapDisk(file: string | undefined): string {
  if (file === undefined) return '';
  return `
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw' cache='none'/><source file='${file}'/><target dev='vda' bus='virtio'/>
    </disk>`;
}

export interface BareOptions {
  /** Additional XML in `<domain>`: `<memoryBacking>`, `<memtune>` … */
  readonly extra?: string;
  /** Its balloon device. Default: one with a statistics period. */
  readonly balloon?: string;
}

/** A domain without a boot device: cheap while it is paused. */
export function bareXml(domain: string, memoryMib: number, { extra = '', balloon }: BareOptions = {}): string {
  return `
<domain type='qemu'>
  <name>${domain}</name>
  <memory unit='MiB'>${memoryMib}</memory>
  <vcpu>1</vcpu>
  ${extra}
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <devices>
    <controller type='usb' model='none'/>
    ${balloon ?? `<memballoon model='virtio'>${statsPeriod(2)}</memballoon>`}
  </devices>
</domain>`;
}

function statsPeriod(seconds: number): string {
  return seconds === 0 ? '' : `<stats period='${seconds}'/>`;
}
