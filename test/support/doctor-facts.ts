import { known, type Facts, type GuestFacts } from '../../src/doctor/facts.ts';
import { guestDomain, uuidOf } from './builders.ts';

/** A guest in which nothing hinders overcommit. */
export function healthyGuest(number: number, changes: Partial<GuestFacts> = {}): GuestFacts {
  return {
    name: `guest-${number}`,
    uuid: uuidOf(number),
    state: 'running',
    responds: true,
    upS: 3600,
    maximumKib: 1_048_576,
    reportAgeS: 3,
    lacking: [],
    domain: guestDomain({ autodeflate: true, freePageReporting: true }),
    process: known(true),
    groups: known([]),
    ...changes,
  };
}

/** A host on which nothing hinders overcommit, with a running Ballast. */
export function healthyFacts(changes: Partial<Facts> = {}): Facts {
  return {
    configured: { dryRun: false, controlsKsm: true, controlsBalloons: true, statsPeriodS: 5 },
    daemon: 'ballast run (process 7)',
    stopped: null,
    uid: 0,
    nodeVersion: 'v20.19.0',
    ksmRun: known(1),
    ksmMergesAcrossNodes: known(1),
    ksmRefusal: known(null),
    ksmWriters: known([]),
    numaNodes: known(2),
    memory: known({ totalKib: 16_777_216, swapKib: 8_388_608, hugepagesKib: 0, unusedHugepagesKib: 0 }),
    transparentHugepages: known('always'),
    khugepagedEmptyPages: known(0),
    overcommitMode: known(0),
    hasPressure: known(true),
    libvirtVersion: known(9_000_000),
    guests: known([healthyGuest(1)]),
    ...changes,
  };
}
