import { join } from 'node:path';
import { ResultCache } from '../../compose/simulation-cache.ts';
import type { Io } from './io.ts';

/** What the user has simulated before; null: this user has no folder for caches. */
export function resultCache({ userCache }: Io): ResultCache | null {
  return userCache === undefined ? null : new ResultCache(join(userCache, 'ballast', 'simulations'));
}
