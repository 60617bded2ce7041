import type { Guard } from '../src/plugin/guard.ts';
import { balloonLimits } from './balloon-limits.ts';
import { belief } from './belief.ts';
import { budget } from './budget.ts';
import { emergency } from './emergency.ts';
import { jobs } from './jobs.ts';
import { ksmLimits } from './ksm-limits.ts';
import { pain } from './pain.ts';
import { returns } from './returns.ts';
import { rhythm } from './rhythm.ts';
import { settle } from './settle.ts';
import { stuck } from './stuck.ts';

/**
 * In the order in which they rule. Each can only weaken what the guards before it let pass, so that the limits of one hold after
 * all others; the budget is last, because what the others have held back costs nothing.
 */
export const guards: readonly Guard[] = [
  ksmLimits,
  jobs,
  emergency,
  pain,
  stuck,
  returns,
  belief,
  rhythm,
  settle,
  balloonLimits,
  budget,
];
