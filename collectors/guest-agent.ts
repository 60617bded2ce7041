import { Counters } from '../src/host/counters.ts';
import { MEMINFO, VMSTAT } from '../src/host/memory-info.ts';
import { parseTable } from '../src/host/table.ts';
import type { FieldDecl } from '../src/model/field.ts';
import type { Unit } from '../src/model/units.ts';
import { defineCollector } from '../src/plugin/collector.ts';

const field = (name: string, unit: Unit, source: string, doc: string): FieldDecl => ({
  ...{ name: `agent_${name}`, type: 'number', unit, optional: true, doc, source: `guest agent, ${source}` },
});

/**
 * MOM's figures of the guest agent (GuestQemuAgent): MOM's names, with `agent_` before them, beside those of the balloon driver. Six
 * queries to each guest: only if the config lists it.
 */
export const guestAgent = defineCollector({
  name: 'guest-agent',
  scope: 'guest',
  optIn: true,
  fields: [
    field('mem_available', 'KiB', `${MEMINFO} MemTotal`, 'Memory of the guest'),
    field('mem_unused', 'KiB', `${MEMINFO} MemFree`, 'Memory that the guest does not use at all'),
    field('mem_free', 'KiB', `${MEMINFO} MemFree, Buffers, Cached`, 'Unused memory with buffers and page cache'),
    field('swap_total', 'KiB', `${MEMINFO} SwapTotal`, 'Size of the swap of the guest'),
    field('swap_usage', 'KiB', `${MEMINFO} SwapTotal, SwapFree`, 'Swap that is in use'),
    field('swap_in', 'pages', `${VMSTAT} pswpin`, 'Pages read from swap since the sample before; nil in the first'),
    field('swap_out', 'pages', `${VMSTAT} pswpout`, 'Pages written to swap since the sample before; nil in the first'),
    field('major_fault', 'count', `${VMSTAT} pgmajfault`, 'Major page faults since the guest booted'),
    field('minor_fault', 'count', `${VMSTAT} pgfault`, 'Page faults since the guest booted, as MOM counts them'),
  ],
  create({ agent, now }) {
    const counters = new Counters();
    return {
      async collect({ name, uuid }, signal) {
        const read = async (path: string) => parseTable(path, await agent.readFile({ name, uuid }, path, signal));
        const memory = await read(MEMINFO);
        const events = await read(VMSTAT);
        const since = (counter: string): number | null => {
          const value = events.count(counter);
          return value === undefined ? null : (counters.update(`${uuid} ${counter}`, value, now())?.gained ?? null);
        };
        const parts = ['MemFree', 'Buffers', 'Cached'].map((part) => memory.kib(part));
        const [total, free] = [memory.kib('SwapTotal'), memory.kib('SwapFree')];
        return {
          agent_mem_available: memory.kib('MemTotal'),
          agent_mem_unused: parts[0],
          agent_mem_free: parts.includes(undefined) ? null : parts.reduce<number>((sum, part) => sum + (part ?? 0), 0),
          agent_swap_total: total,
          agent_swap_usage: total === undefined || free === undefined ? null : Math.max(0, total - free),
          agent_swap_in: since('pswpin'),
          agent_swap_out: since('pswpout'),
          agent_major_fault: events.count('pgmajfault'),
          agent_minor_fault: events.count('pgfault'),
        };
      },
    };
  },
});
