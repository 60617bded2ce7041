import { counted, guestsWith, type Check, type Finding } from '../check.ts';
import type { Facts, GuestFacts } from '../facts.ts';

/** A guest that runs for less may still be booting, seconds. */
const BOOT_S = 60;

/** A report may be late by this many periods, and by a few seconds, without a reason to worry. */
const LATE_PERIODS = 3;
const LATE_S = 5;

const RUNNING: ReadonlySet<GuestFacts['state']> = new Set(['no state', 'running', 'blocked']);

const NO_STATISTICS =
  'Ballast never moves a balloon without current statistics of its guest, so such a guest keeps all of its memory.';

const DRIVER = [
  'Linux: modprobe virtio_balloon in the guest (the kernel needs CONFIG_VIRTIO_BALLOON)',
  'Windows: install the Balloon driver and its service (blnsvr.exe -i) from the virtio-win ISO',
] as const;

/** The balloon's device, its statistics, and what the driver says. Each guest is in at most one of these findings. */
export const BALLOON_CHECKS: readonly Check[] = [
  guestCheck({
    name: 'guest-device',
    doc: 'a guest has no balloon device',
    matches: ({ domain }) => domain.balloonModel === 'none',
    finding: (names) => ({
      severity: 'hindrance',
      what: counted(names, 'has no balloon device', 'have no balloon device'),
      why: 'The memory of such a guest can be neither seen nor reclaimed.',
      cure: [
        'virsh edit NAME: in <devices> write <memballoon model="virtio"><stats period="5"/></memballoon> instead of <memballoon model="none"/>',
        'then shut the guest down and start it again',
      ],
    }),
  }),
  guestCheck({
    name: 'guest-period',
    doc: 'the statistics period of a guest is 0',
    matches: (guest) => hasDevice(guest) && guest.domain.statsPeriodS === 0,
    finding: (names, { configured, daemon }) => {
      const willBeSet = configured.statsPeriodS > 0;
      return {
        severity: willBeSet && daemon === null ? 'advice' : 'hindrance',
        what: counted(names, 'reports no statistics: its period is 0', 'report no statistics: their period is 0'),
        why: willBeSet
          ? `Ballast sets it to ${configured.statsPeriodS} s while it runs. Only then does it show whether a balloon driver runs in the guest.`
          : NO_STATISTICS,
        cure: [
          ...(willBeSet ? [] : ['remove "stats_period: 0s" from the config, so that Ballast sets it']),
          'virsh dommemstat NAME --period 5 --live --config',
        ],
      };
    },
  }),
  guestCheck({
    name: 'guest-driver',
    doc: 'no balloon driver runs in a guest',
    matches: (guest) => reportsAreDue(guest) && guest.reportAgeS === null && (guest.upS ?? BOOT_S) >= BOOT_S,
    finding: (names) => ({
      severity: 'hindrance',
      what: counted(
        names,
        'has never reported statistics: no balloon driver runs in it',
        'have never reported statistics: no balloon driver runs in them',
      ),
      why: NO_STATISTICS,
      cure: DRIVER,
    }),
  }),
  guestCheck({
    name: 'guest-service',
    doc: 'the balloon driver or service of a guest has stopped',
    matches: (guest) => reportsAreDue(guest) && isSilent(guest),
    finding: (names) => ({
      severity: 'hindrance',
      what: counted(names, 'no longer reports statistics', 'no longer report statistics'),
      why: `The balloon driver or service in the guest has stopped. ${NO_STATISTICS}`,
      cure: [
        'Linux: modprobe -r virtio_balloon; modprobe virtio_balloon in the guest',
        'Windows: net start BalloonService in the guest',
      ],
    }),
  }),
  guestCheck({
    name: 'guest-statistics',
    doc: 'the balloon driver of a guest is too old to report what policies need',
    matches: (guest) =>
      reportsAreDue(guest) && guest.reportAgeS !== null && !isSilent(guest) && guest.lacking.length > 0,
    finding: (names) => ({
      severity: 'hindrance',
      what: counted(names, 'reports only a part of the statistics', 'report only a part of the statistics'),
      why: 'The balloon driver in the guest does not say how much memory is unused or available, so Ballast leaves the balloon unchanged.',
      cure: ['update the kernel or the virtio-win driver in the guest'],
    }),
  }),
  guestCheck({
    name: 'guest-autodeflate',
    doc: 'a guest does not get memory back by itself before it kills processes',
    matches: (guest) => hasDevice(guest) && !guest.domain.autodeflate,
    finding: (names) => ({
      severity: 'advice',
      what: counted(names, 'has a balloon without autodeflate', 'have balloons without autodeflate'),
      why: 'With autodeflate the guest takes memory out of its balloon instead of killing a process when its demand rises faster than Ballast can react.',
      cure: ['virsh edit NAME: <memballoon model="virtio" autodeflate="on">; from the next start of the guest'],
    }),
  }),
  guestCheck({
    name: 'guest-free-pages',
    doc: 'a guest does not return its free pages by itself (free page reporting)',
    matches: (guest) => hasDevice(guest) && !guest.domain.freePageReporting,
    finding: (names) => ({
      severity: 'advice',
      what: counted(names, 'does not report free pages', 'do not report free pages'),
      why: 'With free page reporting the host gets back at once what the guest has freed, without a balloon being moved.',
      cure: [
        'virsh edit NAME: <memballoon model="virtio" freePageReporting="on">; from the next start of the guest',
        'it needs libvirt 6.9, QEMU 5.1 and Linux 5.7 in the guest',
      ],
    }),
  }),
];

/** A guest whose definition was read. */
type ReadGuest = GuestFacts & { readonly domain: NonNullable<GuestFacts['domain']> };

interface GuestCheck extends Omit<Check, 'find'> {
  readonly matches: (guest: ReadGuest) => boolean;
  readonly finding: (names: readonly string[], facts: Facts) => Omit<Finding, 'guests'>;
}

function guestCheck({ name, doc, matches, finding }: GuestCheck): Check {
  const isMatch = (guest: GuestFacts): boolean => guest.domain !== null && matches(guest as ReadGuest);
  return { name, doc, find: (facts) => guestsWith(facts, isMatch, (names) => finding(names, facts)) };
}

function hasDevice({ domain }: ReadGuest): boolean {
  return domain.balloonModel !== 'none';
}

/** A guest that is paused, hangs or has no period cannot report. */
function reportsAreDue(guest: ReadGuest): boolean {
  return guest.responds && hasDevice(guest) && RUNNING.has(guest.state) && (guest.domain.statsPeriodS ?? 0) > 0;
}

function isSilent({ reportAgeS, domain }: ReadGuest): boolean {
  return reportAgeS !== null && reportAgeS > LATE_PERIODS * (domain.statsPeriodS ?? 0) + LATE_S;
}
