import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FakeLibvirtd } from '../fake-libvirtd.ts';
import type { FakeGuest } from '../fake-guest.ts';
import { at, GUESTS, HOST, isWithin, type GuestStory } from './story.ts';

const GIB = 1024 ** 2;
const PAGE_KIB = 4;
/** The page cache of each guest, where there is room for it. */
const CACHE_KIB = GIB;
/** How fast it fills what it gets back. */
const FILLS_KIB_PER_S = 20_480;
/** Of QEMU itself. */
const OVERHEAD_KIB = 65_536;
/** A guest reads at most this much from swap in a second. */
const SWAP_KIB_PER_S = 40_960;
/** How fast balloons follow. */
const BALLOON_KIB_PER_S = 524_288;
/** What of the guests' memory KSM can merge, and what ksmd takes for a page, seconds. */
const MERGEABLE_PAGES = 800_000;
const SCAN_S = 0.000_01;
/** How slowly merged pages part again because guests write to them, seconds. */
const PARTING_S = 2400;
const MEMINFO = 'proc/meminfo';
const VMSTAT = 'proc/vmstat';
const KSMD = 'proc/37/stat';
const KSM = 'sys/kernel/mm/ksm';

/** Its balloons move when the night goes on, not at once. */
class NightLibvirtd extends FakeLibvirtd {
  override setBalloonTarget(guest: FakeGuest, targetKib: number): void {
    guest.targetKib = targetKib;
  }
}

interface Resident {
  readonly story: GuestStory;
  readonly guest: FakeGuest;
  /** What QEMU has of the host. */
  touchedKib: number;
}

/** The host of the night: a fake libvirtd with guests, and the files of a kernel, both of which obey the same simple rules. */
export class NightHost {
  readonly root: string;
  readonly fake: FakeLibvirtd;
  readonly #residents: readonly Resident[];
  readonly #meminfo: string;
  readonly #vmstat: string;
  readonly #ksmdStat: readonly string[];
  #savedPages = 0;
  #scannedPages = 0;
  #ksmdS = 0;

  private constructor(root: string, fake: FakeLibvirtd, [meminfo, vmstat, ksmdStat]: readonly string[]) {
    this.root = root;
    this.#meminfo = meminfo!;
    this.#vmstat = vmstat!;
    this.#ksmdStat = ksmdStat!.split(' ');
    this.fake = fake;
    this.#residents = GUESTS.map((story) => ({
      story,
      guest: fake.guest(story.name),
      touchedKib: story.filledGib * GIB,
    }));
  }

  /** @param folder an empty one */
  static async create(folder: string, now: () => number): Promise<NightHost> {
    const root = join(folder, 'host');
    await cp(fileURLToPath(new URL('../../fixtures/hosts/linux-6.18', import.meta.url)), root, { recursive: true });
    const guests = GUESTS.map(({ name, maxGib }) => ({ name, maximumKib: maxGib * GIB }));
    const fake = new NightLibvirtd({ socketPath: join(folder, 'libvirt.sock'), guests, now });
    const found = await Promise.all([MEMINFO, VMSTAT, KSMD].map((path) => readFile(join(root, path), 'utf8')));
    const host = new NightHost(root, fake, found);
    await host.#writeProcesses();
    await host.#write('proc/uptime', '864000.00 864000.00\n');
    for (const [file, value] of [
      ['run', 0],
      ['pages_to_scan', 100],
      ['sleep_millisecs', 20],
    ] as const)
      await host.#write(`${KSM}/${file}`, `${value}\n`);
    await fake.start();
    await host.pass(0, 0);
    return host;
  }

  /** What a KSM setting of the kernel is, as Ballast has written it. */
  async ksm(file: string): Promise<number> {
    return Number(await readFile(join(this.root, KSM, file), 'utf8'));
  }

  /** So many seconds pass, until this minute of the night. */
  async pass(seconds: number, minute: number): Promise<void> {
    for (const resident of this.#residents) this.#live(resident, seconds, minute);
    await this.#merge(seconds);
    const touchedKib = this.#residents.reduce((sum, each) => sum + each.touchedKib + OVERHEAD_KIB, 0);
    const freeKib = HOST.totalKib - HOST.othersKib - touchedKib + this.#savedPages * PAGE_KIB;
    const kib = Math.max(0, Math.round(freeKib / PAGE_KIB) * PAGE_KIB);
    const lines = { MemTotal: HOST.totalKib, MemFree: kib, MemAvailable: kib };
    await this.#write(
      MEMINFO,
      Object.entries(lines).reduce((text, [name, of]) => text.replace(new RegExp(`^${name}: .*$`, 'm'), `${name}: ${of} kB`), this.#meminfo), // prettier-ignore
    );
    // The collectors find the size of a page by comparing the two files.
    await this.#write(VMSTAT, this.#vmstat.replace(/^nr_free_pages .*$/m, `nr_free_pages ${kib / PAGE_KIB}`));
  }

  #live(resident: Resident, seconds: number, minute: number): void {
    const { story, guest } = resident;
    if (story.deaf === undefined || !isWithin(story.deaf, minute)) {
      const most = BALLOON_KIB_PER_S * seconds;
      const before = guest.currentKib;
      guest.currentKib += Math.round(Math.max(-most, Math.min(most, guest.targetKib - guest.currentKib)));
      if (guest.currentKib !== before) this.fake.emitBalloonChange(guest);
    }
    const availableKib = guest.currentKib - Math.round(guest.maximumKib * 0.04);
    const programsKib = Math.round(at(story.uses, minute) * GIB);
    guest.usedKib = programsKib + Math.min(CACHE_KIB, Math.max(0, availableKib - programsKib));
    const swappedKib = Math.round(Math.min(Math.max(0, programsKib - availableKib), SWAP_KIB_PER_S * seconds));
    guest.swapInKib += swappedKib;
    guest.swapOutKib += swappedKib;
    guest.majorFaults += Math.round(swappedKib / PAGE_KIB);
    const keepsKib = story.pinned ? guest.maximumKib : guest.currentKib;
    const filledKib = Math.min(story.filledGib * GIB, resident.touchedKib + FILLS_KIB_PER_S * seconds);
    resident.touchedKib = Math.round(Math.min(keepsKib, Math.max(resident.touchedKib, filledKib, guest.usedKib)));
    guest.rssKib = resident.touchedKib;
    guest.migrating = story.migrates !== undefined && isWithin(story.migrates, minute);
    const lies = story.lies !== undefined && isWithin(story.lies, minute);
    guest.figures = lies ? { unused: guest.maximumKib * 8, usable: guest.maximumKib * 8 } : {};
  }

  /** ksmd: it scans so many pages, sleeps, and needs two scans of a page to merge it. */
  async #merge(seconds: number): Promise<void> {
    const [run, pages, sleepMs] = await Promise.all(['run', 'pages_to_scan', 'sleep_millisecs'].map((file) => this.ksm(file))); // prettier-ignore
    const touchedPages = this.#residents.reduce((sum, { touchedKib }) => sum + touchedKib, 0) / PAGE_KIB;
    this.#savedPages *= Math.exp(-seconds / PARTING_S);
    if (run === 1) {
      const turnS = sleepMs! / 1000 + pages! * SCAN_S;
      const scanned = (seconds / turnS) * pages!;
      this.#scannedPages += scanned;
      this.#ksmdS += (seconds / turnS) * pages! * SCAN_S;
      this.#savedPages += (MERGEABLE_PAGES - this.#savedPages) * (1 - Math.exp(-scanned / 2 / touchedPages));
    }
    const saved = Math.round(this.#savedPages);
    const profit = saved * PAGE_KIB * 1024 - Math.round(Math.min(touchedPages, this.#scannedPages)) * 64;
    const files = { pages_sharing: saved, pages_shared: Math.round(saved / 8), general_profit: profit, pages_scanned: Math.round(this.#scannedPages) }; // prettier-ignore
    for (const [file, value] of Object.entries(files)) await this.#write(`${KSM}/${file}`, `${value}\n`);
    await this.#write(KSMD, this.#ksmdStat.with(14, String(Math.round(this.#ksmdS * 100))).join(' '));
  }

  /** The pid files of libvirt, and the processes of QEMU. */
  async #writeProcesses(): Promise<void> {
    const stat = (await readFile(join(this.root, 'proc/8986/stat'), 'utf8')).split(' ');
    for (const [index, { guest }] of this.#residents.entries()) {
      const pid = 9001 + index;
      const own = stat.with(0, String(pid)).with(22, String((guest.maximumKib + 10 * OVERHEAD_KIB) * 1024));
      await this.#write(`run/libvirt/qemu/${guest.name}.pid`, `${pid}\n`);
      await this.#write(`proc/${pid}/stat`, own.join(' '));
    }
  }

  async #write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.root, path)), { recursive: true });
    await writeFile(join(this.root, path), text);
  }
}
