import { parseList } from '../../host/cpu-list.ts';
import { HostFormatError, wholeNumber } from '../../host/format-error.ts';
import { readKsm } from '../../host/ksm.ts';
import { hugetlbKib, MEMINFO } from '../../host/memory-info.ts';
import { parseTable } from '../../host/table.ts';
import type { Host } from '../../ports/host.ts';
import type { Facts, MemoryFacts } from '../facts.ts';
import { fact } from './fact.ts';
import { ksmWriters } from './ksm-writers.ts';

const THP = '/sys/kernel/mm/transparent_hugepage';
const NODES = '/sys/devices/system/node/online';

export type HostFacts = Pick<
  Facts,
  | 'ksmRun'
  | 'ksmMergesAcrossNodes'
  | 'ksmWriters'
  | 'numaNodes'
  | 'memory'
  | 'transparentHugepages'
  | 'khugepagedEmptyPages'
  | 'overcommitMode'
  | 'hasPressure'
>;

/** Reads the kernel's files. Never rejects for a file that cannot be read. */
export async function hostFacts(host: Host): Promise<HostFacts> {
  const number = (path: string) => fact(numberIn(host, path));
  const [ksmRun, ksmMergesAcrossNodes, writers, numaNodes, memory] = await Promise.all([
    fact(ksmNumber(host, 'run')),
    fact(ksmNumber(host, 'merge_across_nodes')),
    fact(ksmWriters(host)),
    fact(nodes(host)),
    fact(memoryFacts(host)),
  ]);
  const [transparentHugepages, khugepagedEmptyPages, overcommitMode, hasPressure] = await Promise.all([
    fact(chosenMode(host)),
    number(`${THP}/khugepaged/max_ptes_none`),
    number('/proc/sys/vm/overcommit_memory'),
    fact(host.readText('/proc/pressure/memory').then((text) => text !== null)),
  ]);
  return {
    ...{ ksmRun, ksmMergesAcrossNodes, ksmWriters: writers, numaNodes, memory },
    ...{ transparentHugepages, khugepagedEmptyPages, overcommitMode, hasPressure },
  };
}

async function ksmNumber(host: Host, file: string): Promise<number | null> {
  const value = await readKsm(host, file);
  return typeof value === 'number' ? value : null;
}

async function numberIn(host: Host, path: string): Promise<number | null> {
  const text = await host.readText(path);
  return text === null ? null : wholeNumber(text.trim(), path, 1);
}

async function nodes(host: Host): Promise<number | null> {
  const text = await host.readText(NODES);
  return text === null ? null : parseList(NODES, text).length;
}

async function chosenMode(host: Host): Promise<string | null> {
  const path = `${THP}/enabled`;
  const text = await host.readText(path);
  if (text === null) return null;
  const chosen = /\[([a-z]{1,20})\]/.exec(text)?.[1];
  if (chosen === undefined)
    throw new HostFormatError(path, 1, 'a choice in brackets, as in always [madvise]', text.trim());
  return chosen;
}

async function memoryFacts(host: Host): Promise<MemoryFacts> {
  const text = await host.readText(MEMINFO);
  const memory = parseTable(MEMINFO, text ?? '');
  const totalKib = memory.kib('MemTotal');
  if (totalKib === undefined) throw new HostFormatError(MEMINFO, 1, 'MemTotal', text ?? 'no such file');
  const [free, size] = [memory.count('HugePages_Free'), memory.kib('Hugepagesize')];
  return {
    totalKib,
    swapKib: memory.kib('SwapTotal') ?? null,
    hugepagesKib: hugetlbKib(memory) ?? null,
    unusedHugepagesKib: free === undefined || size === undefined ? null : free * size,
  };
}
