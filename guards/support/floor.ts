import type { SettingsGroup } from '../../src/plugin/settings.ts';

const KEYS = {
  floor: {
    type: 'size',
    default: '256MiB',
    min: '0KiB',
    max: '64TiB',
    doc: 'No guest is ballooned below this. It keeps a small Linux guest alive.',
  },
  floor_ratio: {
    type: 'ratio',
    default: '25%',
    doc: 'No guest is ballooned below this share of its maximum memory. The higher of the two floors applies.',
  },
  headroom: {
    type: 'size',
    default: '64MiB',
    min: '0KiB',
    max: '64TiB',
    doc: 'A guest that gives memory keeps at least this much that it can use immediately, so that a balloon never takes memory that is in use. `0KiB`: a policy may take that too, and make the guest swap.',
  },
  max_stats_age: {
    type: 'duration',
    default: '60s',
    min: '1s',
    max: '24h',
    notShorterThan: ['libvirt', 'stats_period'],
    doc: 'A guest whose last memory statistics are older than this is not ballooned. Must not be shorter than `libvirt.stats_period`.',
  },
} as const;

/** The settings of the guard `balloon-limits`. */
export const BALLOON_LIMITS: SettingsGroup<typeof KEYS> = {
  key: 'balloon',
  doc: 'The safety net under every balloon decision, whatever the policy asks.',
  keys: KEYS,
};

/** The guest's minimum size, KiB: at most its maximum, when that is below all floors. */
export function floorOf(
  { max, min }: { readonly max: number; readonly min: number },
  settings: { readonly floor: number; readonly floor_ratio: number },
): number {
  return Math.min(max, Math.ceil(Math.max(min, settings.floor, settings.floor_ratio * max)));
}
