import { Counters, perSecond, type Gain } from '../../host/counters.ts';
import { PAGE_KIB } from '../constants.ts';
import type { FieldValue, Layout, Sample } from '../../model/field.ts';
import { NODES_FIELD, nodesText } from '../../model/numa-nodes.ts';
import { ADDRESS_SPACE_KIB, ticks } from '../ports/kernel-files.ts';
import { rssOf } from '../ports/hypervisor.ts';
import type { World } from '../world.ts';

type Values = Record<string, FieldValue>;
type Gains = (name: string, value: number) => Gain | null;

const kib = (pages: number): number => pages * PAGE_KIB;

/** The fields of the host that change, by name, with the same values that its collectors would make of its files. */
export class HostFields {
  readonly #world: World;
  readonly #layout: Layout;
  readonly #now: () => number;
  readonly #counters = new Counters();

  constructor(world: World, layout: Layout, now: () => number) {
    this.#world = world;
    this.#layout = layout;
    this.#now = now;
  }

  /** @param template a sample of the host, for the fields that do not change */
  sample(template: Sample): Sample {
    const nowMs = this.#now();
    const gain: Gains = (name, value) => this.#counters.update(name, value, nowMs);
    const sample = template.slice();
    for (const values of [
      this.#memory(gain),
      this.#guests(),
      this.#ksm(gain),
      this.#pressure(),
      this.#numa(),
      timeOf(nowMs),
    ])
      for (const name in values) {
        const at = this.#layout.index.get(name);
        if (at !== undefined) sample[at] = values[name];
      }
    return sample;
  }

  #memory(gain: Gains): Values {
    const { host, ksm } = this.#world;
    const { counters } = host;
    const available = kib(host.available);
    const swapIn = gain('pswpin', counters.swapIn);
    const swapOut = gain('pswpout', counters.swapOut);
    const rate = (name: string, value: number) => perSecond(gain(name, value));
    const hasArc = host.arcLimits.most > 0;
    return {
      mem_unused: kib(host.free),
      mem_free: kib(host.free + host.cache),
      mem_allocatable: available + (hasArc ? kib(host.arc - host.arcLimits.least) : 0),
      mem_available_estimate: available,
      anon_pages: kib(host.other + host.guestResident - ksm.merged.sharing),
      swap_usage: kib(host.swapped),
      swap_in: swapIn?.gained ?? 0,
      swap_out: swapOut?.gained ?? 0,
      pswpin_rate: perSecond(swapIn),
      pswpout_rate: perSecond(swapOut),
      pgmajfault_rate: perSecond(swapIn),
      pgscan_kswapd_rate: rate('pgscan_kswapd', counters.scannedInBackground),
      pgscan_direct_rate: rate('pgscan_direct', counters.scannedDirectly),
      pgsteal_kswapd_rate: rate('pgsteal_kswapd', counters.scannedInBackground),
      pgsteal_direct_rate: rate('pgsteal_direct', counters.scannedDirectly),
      allocstall_rate: rate('allocstall', counters.allocStalls),
      oom_kill_rate: rate('oom_kill', counters.oomKills),
      cow_ksm_rate: rate('cow_ksm', counters.copiedOnWrite),
      ...(hasArc && { zfs_arc_size: kib(host.arc) }),
    };
  }

  #guests(): Values {
    const { guests, host } = this.#world;
    let [running, max, cur, rss] = [0, 0, 0, 0];
    for (const guest of guests) {
      if (!guest.life.isRunning) continue;
      running += 1;
      max += guest.spec.memoryKib;
      cur += kib(guest.memory.size);
      rss += rssOf(guest);
    }
    return {
      guests_running: running,
      guests_memory_max: max,
      guests_memory_cur: cur,
      guests_rss: rss,
      overcommit_ratio: max / kib(host.pages),
      ksm_shareable: max + running * ADDRESS_SPACE_KIB,
    };
  }

  #ksm(gain: Gains): Values {
    const { ksm, guests } = this.#world;
    const { shared, sharing } = ksm.merged;
    const { unshared, volatile } = ksm.notMerged;
    const cpu = gain('ksmd', ticks(ksm.cpuS));
    return {
      ksm_run: ksm.run,
      ksm_pages_to_scan: ksm.pagesToScan,
      ksm_sleep_millisecs: ksm.sleepMs,
      ksm_merge_across_nodes: ksm.mergeAcrossNodes,
      ksm_max_page_sharing: ksm.maxPageSharing,
      ksm_use_zero_pages: ksm.useZeroPages,
      ksm_smart_scan: ksm.smartScan,
      ksm_pages_shared: shared,
      ksm_pages_sharing: sharing,
      ksm_pages_unshared: unshared,
      ksm_pages_volatile: volatile,
      ksm_pages_scanned: ksm.pagesScanned,
      ksm_full_scans: ksm.fullScans,
      ksm_general_profit: ksm.profit,
      ksm_advisor_mode: ksm.advisorMode,
      ksm_advisor_max_cpu: ksm.advisorMaxCpu,
      ksm_advisor_min_pages_to_scan: ksm.advisorMinPages,
      ksm_advisor_max_pages_to_scan: ksm.advisorMaxPages,
      ksm_advisor_target_scan_time: ksm.advisorTargetS,
      ksm_saved: guests.some(({ life }) => life.isRunning) ? kib(sharing) : 0,
      ksmd_cpu_usage: cpu === null ? 0 : ((cpu.gained / ticks(1)) * 1000 * 100) / cpu.elapsedMs,
    };
  }

  #pressure(): Values {
    const { pressure } = this.#world;
    const values: Values = {};
    for (const kind of ['some', 'full'] as const) {
      const [avg10, avg60, avg300] = pressure[kind].averages;
      values[`psi_memory_${kind}_avg10`] = avg10!;
      values[`psi_memory_${kind}_avg60`] = avg60!;
      values[`psi_memory_${kind}_avg300`] = avg300!;
      values[`psi_memory_${kind}_total`] = pressure[kind].totalUs;
    }
    return values;
  }

  #numa(): Values {
    const { nodes } = this.#world;
    if (nodes === null) return {};
    const { free, cache } = nodes;
    const least = Math.min(...free);
    return {
      numa_free_min: kib(least),
      numa_free_max: kib(Math.max(...free)),
      numa_free_min_node: free.indexOf(least),
      [NODES_FIELD]: nodesText(
        nodes.pages.map((pages, id) => ({
          id,
          mem_total: kib(pages),
          mem_unused: kib(free[id]!),
          mem_allocatable: kib(free[id]! + cache[id]!),
          has_cpus: true,
        })),
      ),
    };
  }
}

/** The clock of a simulated host shows UTC, so that the same seed gives the same anywhere. */
function timeOf(nowMs: number): Values {
  const time = new Date(nowMs);
  return {
    time_year: time.getUTCFullYear(),
    time_month: time.getUTCMonth() + 1,
    time_day: time.getUTCDate(),
    time_hour: time.getUTCHours(),
    time_minute: time.getUTCMinutes(),
    time_second: time.getUTCSeconds(),
    time_microsecond: time.getUTCMilliseconds() * 1000,
  };
}
