import type { Guard } from '../src/plugin/guard.ts';
import { balloonLimits } from './balloon-limits.ts';
import { belief } from './belief.ts';
import { budget } from './budget.ts';
import { emergency } from './emergency.ts';
import { foreignWriters } from './foreign-writers.ts';
import { ksmCpu } from './ksm-cpu.ts';
import { jobs } from './jobs.ts';
import { ksmLimits } from './ksm-limits.ts';
import { ksmPace } from './ksm-pace.ts';
import { ksmUnmerge } from './ksm-unmerge.ts';
import { pain } from './pain.ts';
import { recentUseGuard } from './recent-use.ts';
import { returns } from './returns.ts';
import { rhythm } from './rhythm.ts';
import { settle } from './settle.ts';
import { stuck } from './stuck.ts';

/**
 * In the order in which they rule. Each can only weaken what the guards before it let pass, so that the limits of one hold after
 * all others. What is left to foreign writers, no other guard may count on; the pace of ksmd also holds for what an emergency adds; the budget is last, because what the others have held back costs nothing.
 */
export const guards: readonly Guard[] = [
  foreignWriters,
  jobs,
  emergency,
  ksmUnmerge,
  ksmPace,
  ksmCpu,
  ksmLimits,
  pain,
  recentUseGuard,
  stuck,
  returns,
  belief,
  rhythm,
  settle,
  balloonLimits,
  budget,
];
