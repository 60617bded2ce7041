import type { Guard } from '../src/plugin/guard.ts';
import { balloonLimits } from './balloon-limits.ts';
import { foreignWriters } from './foreign-writers.ts';
import { ksmCpu } from './ksm-cpu.ts';
import { ksmLimits } from './ksm-limits.ts';
import { ksmPace } from './ksm-pace.ts';
import { ksmUnmerge } from './ksm-unmerge.ts';

/** Foreign writers come first: what is left to them, no other guard may count on. */
export const guards: readonly Guard[] = [foreignWriters, ksmUnmerge, ksmPace, ksmCpu, ksmLimits, balloonLimits];
