import type { PolicyInput } from '../../src/model/snapshot.ts';
import type { GuardState } from '../../src/plugin/recollection.ts';
import { balloonHistory, committedKib } from '../memory/balloons.ts';
import { BELIEF, beliefHistory, doubt } from '../memory/belief.ts';
import { CLAIMS_FOR_MS, PAIN, painHistory } from '../memory/pain.ts';
import { stuckHistory } from '../memory/stuck.ts';
import { BALLOON_LIMITS } from './floor.ts';
import { forEachRecent, GONE_AFTER_MS, memoryOf } from './per-guest.ts';
import { spareOf } from './spare.ts';

/** A guest may leave this share of its size untouched and still lack memory. */
const UNTOUCHED = 0.05;

/**
 * Whether guests lack memory, and the host has less than they lack: then others give what they keep only for bursts that may come. What a
 * guest needs to go on at all weighs more than what another one may need later. A need beyond the guest's fair share counts only for
 * {@link CLAIMS_FOR_MS}, and not at all where its figures cannot be true: nobody can tell a need from a lie, and a lie must not keep others
 * without protection.
 *
 * It goes by what is remembered of all guests, because the input of a check before a write has one of them only.
 */
export function isRescue(input: PolicyInput, state: GuardState): boolean {
  if (!state.settingsOf(PAIN).enabled) return false;
  const balloons = state.recall(balloonHistory);
  const beliefs = state.recall(beliefHistory);
  const stucks = state.recall(stuckHistory);
  const { max_stats_age } = state.settingsOf(BALLOON_LIMITS);
  let lackingKib = 0;
  forEachRecent(state.recall(painHistory), state.steadyMs, GONE_AFTER_MS, (history, uuid) => {
    const { want, claimedMs, sizeKib, counters } = history;
    if (want === null) return;
    // Nothing is given to a guest that no longer reports, however much it lacked.
    if (Math.abs(input.timeMs - counters.reportS * 1000) > max_stats_age) return;
    // Nor to one whose balloon did not take what it was given.
    const stuck = memoryOf(stucks, uuid)?.stuck ?? null;
    if (stuck !== null && stuck.kib > stuck.keptKib) return;
    const balloon = memoryOf(balloons, uuid);
    // Whoever has not touched what it was given lacks nothing, whatever it says.
    if ((balloon?.promisedKib ?? 0) > UNTOUCHED * sizeKib) return;
    const counts = claimedMs < CLAIMS_FOR_MS && doubt(memoryOf(beliefs, uuid), state.settingsOf(BELIEF)) === null;
    lackingKib += Math.max(0, (counts ? want.kib : want.fairKib) - committedKib(balloon, sizeKib));
  });
  return lackingKib > 0 && lackingKib > (spareOf(input, state)?.spareKib ?? 0);
}
