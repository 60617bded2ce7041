import { PAGE_KIB } from '../constants.ts';
import type { Guest } from '../guest/guest.ts';
import type { GuestDomain } from '../../ports/guest-domain.ts';
import {
  HypervisorError,
  type BalloonReading,
  type GuestReading,
  type GuestState,
  type Hypervisor,
} from '../../ports/hypervisor.ts';
import type { World } from '../world.ts';
import { startTicks } from './kernel-files.ts';

const refused = async (): Promise<never> => {
  throw new HypervisorError('refused', 'not simulated');
};

/** The hypervisor of a simulated host. CPU and disk limits and the guest agent are not simulated. */
export function simulatedHypervisor(world: World): Hypervisor {
  return {
    connected: true,
    start: async () => true,
    readGuests: async () => ({
      guests: world.guests.filter(({ life }) => life.isRunning).map((guest) => readingOf(guest)),
      problems: [],
    }),
    async readGuest({ uuid }) {
      const guest = world.guest(uuid);
      return guest?.life.isRunning === true ? readingOf(guest) : null;
    },
    async setBalloonTarget({ name, uuid }, targetKib) {
      const guest = world.guest(uuid);
      if (guest?.life.isRunning !== true) throw new HypervisorError('gone', `the guest ${name} is not running`);
      guest.balloon.setTarget(Math.floor(targetKib / PAGE_KIB), world.nowS);
    },
    tuning: { readCpu: refused, readDisks: refused, setCpu: refused, setDisk: refused },
    agent: { readFile: refused },
    onEvent: () => undefined,
    close: async () => undefined,
  };
}

/** What libvirt would say about a running guest. */
export function readingOf(guest: Guest): GuestReading {
  const { spec, uuid, pid, statistics } = guest;
  return {
    name: spec.name,
    uuid,
    id: pid,
    state: stateOf(guest),
    pid,
    startTicks: startTicks(guest),
    balloon: balloonOf(guest),
    minGuaranteeKib: spec.minKib,
    metadata: null,
    ovirt: null,
    domain: domainOf(guest),
    initialKib: spec.memoryKib,
    job: jobOf(guest),
    missing: spec.balloon.moves === 'none' ? NO_DEVICE : statistics.missing,
    answer: 'fresh',
  };
}

const NO_DEVICE = { cause: 'no device', message: 'has no balloon device' } as const;

export function stateOf({ life }: Guest): GuestState {
  return life.isRunning ? 'running' : 'shut off';
}

export function jobOf({ life }: Guest): string {
  return life.state === 'migrating' ? 'migration' : 'none';
}

/** KiB. */
export function rssOf({ memory, overhead }: Guest): number {
  return (memory.resident + overhead) * PAGE_KIB;
}

function balloonOf(guest: Guest): BalloonReading {
  const { spec, memory, statistics } = guest;
  const known = { currentKib: memory.size * PAGE_KIB, maximumKib: spec.memoryKib, rssKib: rssOf(guest) };
  if (spec.balloon.moves === 'none') return { ...known, other: {} };
  return { ...statistics.last, ...known, lastUpdateS: statistics.lastUpdateS };
}

function domainOf({ spec }: Guest): GuestDomain {
  return {
    hugepages: false,
    locked: false,
    nosharepages: false,
    memorySource: 'anonymous',
    sharedMemory: false,
    hostDevices: 0,
    pinningDevices: 0,
    launchSecurity: null,
    balloonModel: spec.balloon.moves === 'none' ? 'none' : 'virtio',
    autodeflate: false,
    freePageReporting: spec.freePageReporting,
    statsPeriodS: spec.balloon.moves === 'none' ? null : spec.statistics.periodS,
    notPluggedKib: 0,
    numaNode: spec.node,
    currentKib: spec.memoryKib,
  };
}
