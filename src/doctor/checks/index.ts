import type { Check } from '../check.ts';
import { BACKING_CHECKS } from './backing.ts';
import { BALLOON_CHECKS } from './balloon.ts';
import { KSM_CHECKS } from './ksm.ts';
import { MEMORY_CHECKS } from './memory.ts';
import { PROGRAM_CHECKS } from './program.ts';

/** All checks, in the order of the report. To add one, add it to the list of its file. */
export const CHECKS: readonly Check[] = [
  ...PROGRAM_CHECKS,
  ...KSM_CHECKS,
  ...MEMORY_CHECKS,
  ...BALLOON_CHECKS,
  ...BACKING_CHECKS,
];
