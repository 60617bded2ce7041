import type { Guard } from '../src/plugin/guard.ts';
import { balloonLimits } from './balloon-limits.ts';
import { ksmCpu } from './ksm-cpu.ts';
import { ksmLimits } from './ksm-limits.ts';
import { ksmPace } from './ksm-pace.ts';
import { ksmUnmerge } from './ksm-unmerge.ts';

export const guards: readonly Guard[] = [ksmUnmerge, ksmPace, ksmCpu, ksmLimits, balloonLimits];
