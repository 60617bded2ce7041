import type { Controller } from '../src/plugin/controller.ts';
import { balloon } from './balloon.ts';
import { ksm } from './ksm.ts';

export const controllers: readonly Controller[] = [ksm, balloon];
