import { MEMORY_STATS_MAX } from './protocol.ts';
import type { BalloonStats } from './balloon-stats.ts';
import type { Int64, XdrReader } from './xdr.ts';

/** The reply of DOMAIN_MEMORY_STATS. `other` has the tags that this package does not know, by number. */
export interface MemoryStats extends Omit<BalloonStats, 'maximumKib'> {
  readonly other: Readonly<Record<number, Int64>>;
}

/** virDomainMemoryStatTags in numerical order. */
const TAGS = [
  'swapInKib',
  'swapOutKib',
  'majorFaults',
  'minorFaults',
  'unusedKib',
  'availableKib',
  'currentKib',
  'rssKib',
  'usableKib',
  'lastUpdateS',
  'diskCachesKib',
  'hugetlbPagesAllocated',
  'hugetlbPagesFailed',
] as const satisfies readonly Exclude<keyof MemoryStats, 'other'>[];

const NO_VALUE = (1n << 64n) - 1n;
const STAT_BYTES = 12;

export function readMemoryStats(reader: XdrReader): MemoryStats {
  const known: Record<string, number> = {};
  const other: Record<number, Int64> = {};
  const count = reader.count(MEMORY_STATS_MAX, STAT_BYTES);
  for (let i = 0; i < count; i++) {
    const tag = reader.int();
    const value = reader.uint64();
    if (value === NO_VALUE) continue;
    const name = TAGS[tag];
    if (name !== undefined && typeof value === 'number') known[name] = value;
    else other[tag] = value;
  }
  return { ...known, other };
}
