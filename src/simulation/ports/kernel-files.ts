import { PAGE_KIB } from '../constants.ts';
import type { Guest } from '../guest/guest.ts';
import { HostFileError, type Host } from '../../ports/host.ts';
import type { World } from '../world.ts';
import { readKnob, writeKnob } from './ksm-files.ts';

/** The pid of ksmd. */
const KSMD_PID = 44;

const TICKS_PER_S = 100;

const KSM_FOLDER = '/sys/kernel/mm/ksm/';
const NODE_FOLDER = '/sys/devices/system/node/';

/** The kernel's files of a simulated host, as text: what the collectors and the controller of KSM read and write. */
export function kernelFiles(world: World): Host {
  const byPid = new Map(world.guests.map((guest, index) => [guest.pid, { guest, index }]));
  const files = new Map<string, () => string>([
    ['/proc/meminfo', () => meminfo(world)],
    ['/proc/vmstat', () => vmstat(world)],
    ['/proc/pressure/memory', () => pressure(world)],
    ['/proc/uptime', () => `${(UPTIME_S + world.nowS).toFixed(2)} 0.00\n`],
    ['/sys/devices/system/cpu/online', () => `0-${world.scenario.host.cpus - 1}\n`],
    [`/proc/${KSMD_PID}/stat`, () => processStat(KSMD_PID, 'ksmd', { parent: 2, ticks: ticks(world.ksm.cpuS) })],
    ...nodeFiles(world),
    ...(world.host.arcLimits.most > 0 ? [['/proc/spl/kstat/zfs/arcstats', () => arcstats(world)] as const] : []),
  ]);
  const read = (path: string): string | null => {
    const file = files.get(path);
    if (file !== undefined) return file();
    if (path.startsWith(KSM_FOLDER)) return readKnob(world.ksm, path.slice(KSM_FOLDER.length));
    const [, pid, name] = /^\/proc\/(\d+)\/(stat|ksm_stat)$/.exec(path) ?? [];
    const found = pid === undefined ? undefined : byPid.get(Number(pid));
    if (found === undefined || !found.guest.life.isRunning) return null;
    return name === 'stat' ? guestStat(found.guest) : guestKsmStat(world, found.guest, found.index);
  };
  return {
    readText: async (path) => read(path),
    list: async (path) => (path === '/proc' ? [String(KSMD_PID), ...world.guests.map(({ pid }) => String(pid))] : null),
    async writeText(path, text) {
      if (!path.startsWith(KSM_FOLDER))
        throw new HostFileError(path, 'EACCES', `${path} cannot be written: permission denied`);
      const code = writeKnob(world.ksm, path.slice(KSM_FOLDER.length), text);
      if (code !== null) throw new HostFileError(path, code, `${path} cannot be written: ${code}`);
    },
  };
}

/** How long the host had run before the simulation began, seconds. */
export const UPTIME_S = 86_400;

/** When a guest's process started, clock ticks since the host's boot. */
export function startTicks({ startedS }: Guest): number {
  return (UPTIME_S + startedS) * TICKS_PER_S;
}

/** What the guest's address space has besides its memory, KiB. */
export const ADDRESS_SPACE_KIB = 1024 ** 2;

export function ticks(seconds: number): number {
  return Math.floor(seconds * TICKS_PER_S);
}

function meminfo({ host, ksm }: World): string {
  const kib = {
    MemTotal: host.pages,
    MemFree: host.free,
    MemAvailable: host.available,
    Buffers: 0,
    Cached: host.cache,
    SwapCached: 0,
    SwapTotal: host.swapPages,
    SwapFree: host.swapPages - host.swapped,
    AnonPages: host.other + host.guestResident - ksm.merged.sharing,
    Shmem: 0,
    Hugetlb: 0,
  };
  return Object.entries(kib)
    .map(([name, pages]) => `${name}: ${pages * PAGE_KIB} kB\n`)
    .join('');
}

function vmstat({ host }: World): string {
  const { counters } = host;
  const counts = {
    nr_free_pages: host.free,
    pswpin: counters.swapIn,
    pswpout: counters.swapOut,
    pgmajfault: counters.swapIn,
    pgscan_kswapd: counters.scannedInBackground,
    pgscan_direct: counters.scannedDirectly,
    pgsteal_kswapd: counters.scannedInBackground,
    pgsteal_direct: counters.scannedDirectly,
    allocstall_normal: counters.allocStalls,
    oom_kill: counters.oomKills,
    cow_ksm: counters.copiedOnWrite,
  };
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}\n`)
    .join('');
}

/** Without nodes none: the kernel was built without NUMA. */
function nodeFiles({ nodes, scenario }: World): readonly (readonly [string, () => string])[] {
  if (nodes === null) return [];
  const { pages } = nodes;
  const cpu = (node: number): number => Math.floor((node * scenario.host.cpus) / pages.length);
  const each = pages.flatMap((total, node) => [
    [
      `${NODE_FOLDER}node${node}/meminfo`,
      () => nodeMeminfo(node, total, nodes.free[node]!, nodes.cache[node]!),
    ] as const,
    [`${NODE_FOLDER}node${node}/cpulist`, () => list(cpu(node), cpu(node + 1) - 1)] as const,
  ]);
  return [[`${NODE_FOLDER}online`, () => list(0, pages.length - 1)], ...each];
}

function list(first: number, last: number): string {
  return first === last ? `${first}\n` : `${first}-${last}\n`;
}

function nodeMeminfo(node: number, total: number, free: number, cache: number): string {
  return Object.entries({
    MemTotal: total,
    MemFree: free,
    MemUsed: total - free,
    'Active(file)': 0,
    'Inactive(file)': cache,
  })
    .map(([name, pages]) => `Node ${node} ${name}: ${pages * PAGE_KIB} kB\n`)
    .join('');
}

function pressure({ pressure: stalls }: World): string {
  return (['some', 'full'] as const)
    .map((kind) => {
      const [avg10, avg60, avg300] = stalls[kind].averages.map((share) => share.toFixed(2));
      return `${kind} avg10=${avg10} avg60=${avg60} avg300=${avg300} total=${stalls[kind].totalUs}\n`;
    })
    .join('');
}

function arcstats({ host }: World): string {
  const bytes = (pages: number): number => pages * PAGE_KIB * 1024;
  const { least, most } = host.arcLimits;
  return `0 0 0 0 0 0 0\nname type data\nsize 4 ${bytes(host.arc)}\nc_min 4 ${bytes(least)}\nc_max 4 ${bytes(most)}\n`;
}

function guestStat(guest: Guest): string {
  const { memory, workload, overhead, spec } = guest;
  return processStat(guest.pid, 'qemu-system-x86', {
    parent: 1,
    started: startTicks(guest),
    bytes: (spec.memoryKib + ADDRESS_SPACE_KIB) * 1024,
    resident: memory.resident + overhead,
    minor: workload.hostMinorFaults,
    major: workload.hostMajorFaults,
  });
}

interface Columns {
  readonly parent: number;
  readonly ticks?: number;
  readonly started?: number;
  readonly bytes?: number;
  readonly resident?: number;
  readonly minor?: number;
  readonly major?: number;
}

/** The first 24 columns, which are all that is read. */
function processStat(pid: number, command: string, columns: Columns): string {
  const { parent, ticks: cpu = 0, started = 0, bytes = 0, resident = 0, minor = 0, major = 0 } = columns;
  const all = [parent, pid, pid, 0, -1, 0, minor, 0, major, 0, cpu, 0, 0, 0, 20, 0, 1, 0, started, bytes, resident];
  return `${pid} (${command}) S ${all.join(' ')}\n`;
}

function guestKsmStat({ ksm }: World, { memory }: Guest, index: number): string {
  const counts = `ksm_rmap_items ${ksm.items(index)}\nksm_merging_pages ${memory.merged}\n`;
  return `${counts}ksm_process_profit ${ksm.profitOf(index)}\n`;
}
