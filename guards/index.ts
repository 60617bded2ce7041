import type { Guard } from '../src/plugin/guard.ts';
import { balloonLimits } from './balloon-limits.ts';
import { jobs } from './jobs.ts';
import { ksmLimits } from './ksm-limits.ts';

export const guards: readonly Guard[] = [ksmLimits, jobs, balloonLimits];
