import { defineRecollection, type GuardState } from '../../src/plugin/recollection.ts';
import type { SettingsGroup } from '../../src/plugin/settings.ts';
import { figuresIn } from '../support/figures.ts';
import { eachGuest, memoryOf, NO_MEMORIES, type PerGuest } from '../support/per-guest.ts';
import { sizeWithRoom } from '../support/room.ts';
import { emergencyState, isLate } from './emergency.ts';

const KEYS = {
  enabled: {
    type: 'flag',
    default: true,
    doc: '`false`: a guest is shrunk to what it uses now, whatever it used a moment ago.',
  },
  window: {
    type: 'duration',
    default: '10min',
    min: '1s',
    max: '24h',
    doc: 'A guest keeps room for the most that it used in this time: bursts come again, and a balloon gives memory back more slowly than a program can ask for it.',
  },
  emergency_window: {
    type: 'duration',
    default: '1min',
    min: '1s',
    max: '24h',
    doc: 'The same in an emergency of the host, and while it has too little for guests in pain: memory is needed now, so only what a guest used a moment ago is kept.',
  },
  room: {
    type: 'ratio',
    default: '10%',
    doc: 'The share of its size that a guest could use at once even if it used that much again. At most 90%.',
  },
} as const;

/** The settings of the guard `recent-use`. */
export const RECENT_USE: SettingsGroup<typeof KEYS> = {
  key: 'recent_use',
  doc: 'What guests keep because they used it a short while ago.',
  keys: KEYS,
};

/** A guest used this much, and less ever since. Times are the guards' steady time. */
interface Use {
  readonly atMs: number;
  readonly usedKib: number;
}

/** Uses that follow each other faster than this part of the window are not told apart, so that few are kept. */
const PARTS = 60;

/** Of each guest the uses that were not exceeded since, the oldest and largest first. */
export const recentUse = defineRecollection<PerGuest<readonly Use[]>, typeof KEYS>({
  name: 'recent-use',
  initial: NO_MEMORIES,
  settings: RECENT_USE,

  next(before, seen, { window, emergency_window }) {
    const { input, steadyMs } = seen;
    const longestMs = Math.max(window, emergency_window);
    const figures = figuresIn(input);
    return eachGuest(before, seen, (_, known, at) => {
      const usedKib = figures[at]?.leastUsedKib ?? null;
      const kept = lately(known ?? [], steadyMs, longestMs);
      return usedKib === null ? kept : withUse(kept, steadyMs, usedKib, longestMs / PARTS);
    });
  },
});

/** Without the uses that are too long ago: the oldest come first. */
function lately(known: readonly Use[], steadyMs: number, longestMs: number): readonly Use[] {
  let old = 0;
  while (old < known.length && steadyMs - known[old]!.atMs > longestMs) old += 1;
  return old === 0 ? known : known.slice(old);
}

function withUse(known: readonly Use[], atMs: number, usedKib: number, apartMs: number): readonly Use[] {
  // The smallest come last.
  let count = known.length;
  while (count > 0 && known[count - 1]!.usedKib <= usedKib) count -= 1;
  const larger = count === known.length ? known : known.slice(0, count);
  const last = larger.at(-1);
  return last !== undefined && atMs - last.atMs < apartMs ? larger : [...larger, { atMs, usedKib }];
}

/** The most that a guest used lately. */
export interface RecentUse {
  readonly usedKib: number;
  readonly agoMs: number;
  /** The size that leaves room even if it used that much again, KiB. */
  readonly keepsKib: number;
}

/**
 * null: it keeps nothing for this reason.
 * @param isRescue see {@link ../support/rescue.ts}
 */
export function recentUseOf(uuid: string, state: GuardState, isRescue: boolean): RecentUse | null {
  const settings = state.settingsOf(RECENT_USE);
  const emergency = state.recall(emergencyState);
  if (!settings.enabled || isLate(emergency)) return null;
  const windowMs = emergency === null && !isRescue ? settings.window : settings.emergency_window;
  const uses = memoryOf(state.recall(recentUse), uuid) ?? [];
  const most = uses.find(({ atMs }) => state.steadyMs - atMs <= windowMs);
  if (most === undefined) return null;
  const { usedKib, atMs } = most;
  return {
    usedKib,
    agoMs: state.steadyMs - atMs,
    keepsKib: Math.ceil(sizeWithRoom(usedKib, settings.room)),
  };
}
