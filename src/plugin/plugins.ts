import type { Vocabulary } from '../model/vocabulary.ts';
import type { Collector } from './collector.ts';
import type { Controller } from './controller.ts';
import type { Guard } from './guard.ts';

/** The plugins in use, and all names that they provide to policies. */
export interface Plugins {
  readonly collectors: readonly Collector[];
  readonly guards: readonly Guard[];
  readonly controllers: readonly Controller[];
  readonly vocabulary: Vocabulary;
}
