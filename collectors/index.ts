import type { Collector } from '../src/plugin/collector.ts';
import { guestAgent } from './guest-agent.ts';
import { guestBalloon } from './guest-balloon.ts';
import { guestCpuTune } from './guest-cpu-tune.ts';
import { guestDomain } from './guest-domain.ts';
import { guestGuards } from './guest-guards.ts';
import { guestWrites } from './guest-writes.ts';
import { guestIoTune } from './guest-io-tune.ts';
import { guestMemory } from './guest-memory.ts';
import { guestQemuProcess } from './guest-qemu-process.ts';
import { guestState } from './guest-state.ts';
import { hostCpu } from './host-cpu.ts';
import { hostGuests } from './host-guests.ts';
import { hostKsm } from './host-ksm.ts';
import { hostMemory } from './host-memory.ts';
import { hostNuma } from './host-numa.ts';
import { hostPressure } from './host-pressure.ts';
import { hostTime } from './host-time.ts';
import { hostVmstat } from './host-vmstat.ts';
import { hostZfs } from './host-zfs.ts';

export const collectors: readonly Collector[] = [
  hostMemory,
  hostGuests,
  hostKsm,
  hostPressure,
  hostVmstat,
  hostNuma,
  hostCpu,
  hostZfs,
  hostTime,
  guestBalloon,
  guestMemory,
  guestQemuProcess,
  guestState,
  guestDomain,
  guestGuards,
  guestWrites,
  guestCpuTune,
  guestIoTune,
  guestAgent,
];
