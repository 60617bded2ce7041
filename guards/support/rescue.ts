import type { PolicyInput } from '../../src/model/snapshot.ts';
import type { GuardState } from '../../src/plugin/recollection.ts';
import { balloonHistory, committedKib } from '../memory/balloons.ts';
import { PAIN, painHistory } from '../memory/pain.ts';
import { allMemories, memoryOf } from './per-guest.ts';
import { spareOf } from './spare.ts';

/** A guest may leave this share of its size untouched and still lack memory. */
const UNTOUCHED = 0.05;

/**
 * Whether guests lack memory, and the host has less than they lack: then others give what they keep only for bursts that may come. What a
 * guest needs to go on at all weighs more than what another one may need later.
 *
 * It goes by what is remembered of all guests, because the input of a check before a write has one of them only.
 */
export function isRescue(input: PolicyInput, state: GuardState): boolean {
  if (!state.settingsOf(PAIN).enabled) return false;
  const balloons = state.recall(balloonHistory);
  let lackingKib = 0;
  for (const [uuid, { want, sizeKib }] of allMemories(state.recall(painHistory))) {
    if (want === null) continue;
    const balloon = memoryOf(balloons, uuid);
    // Whoever has not touched what it was given lacks nothing, whatever it says.
    if ((balloon?.promisedKib ?? 0) > UNTOUCHED * sizeKib) continue;
    lackingKib += Math.max(0, want.kib - committedKib(balloon, sizeKib));
  }
  return lackingKib > 0 && lackingKib > (spareOf(input, state)?.spareKib ?? 0);
}
