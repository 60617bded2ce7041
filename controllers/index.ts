import type { Controller } from '../src/plugin/controller.ts';
import { balloon } from './balloon.ts';
import { cpuTune } from './cpu-tune.ts';
import { ioTune } from './io-tune.ts';
import { ksm } from './ksm.ts';

export const controllers: readonly Controller[] = [ksm, balloon, cpuTune, ioTune];
