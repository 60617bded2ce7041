import type { Guard } from '../src/plugin/guard.ts';
import { balloonLimits } from './balloon-limits.ts';
import { ksmLimits } from './ksm-limits.ts';

export const guards: readonly Guard[] = [ksmLimits, balloonLimits];
