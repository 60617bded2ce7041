import type { Ruling } from '../../src/plugin/guard.ts';
import { hold, lowered } from './rulings.ts';

/** A smaller grant than this is not worth a move, KiB. */
const LEAST_GRANT_KIB = 4096;

/** Growth of which only a part was granted. Sizes are KiB. */
interface PartlyGranted {
  readonly wantedKib: number;
  /** What the guest has or was promised. */
  readonly hasKib: number;
  readonly grantKib: number;
}

/** The ruling for a request to grow that gets less than it asks for. */
export function partlyGranted({ wantedKib, hasKib, grantKib }: PartlyGranted, why: string): Ruling {
  const isWorthIt = grantKib >= Math.min(LEAST_GRANT_KIB, wantedKib - hasKib);
  return isWorthIt ? lowered(wantedKib, hasKib + grantKib, why) : hold(why);
}
