import { escapeControls, excerpt } from '../../model/text.ts';
import { counted, guestsWith, judged, mib, type Check, type Finding } from '../check.ts';
import type { Facts, GuestFacts, MemoryGroup } from '../facts.ts';

/** Control groups that are named in the report. */
const MAX_GROUPS = 100;

const NEXT_START = 'from the next start of the guest';

/** What a guest's memory is made of, and who may take it. */
export const BACKING_CHECKS: readonly Check[] = [
  {
    name: 'guest-hugepages',
    doc: 'the memory of a guest consists of huge pages',
    find: (facts) =>
      guestsWith(
        facts,
        ({ domain }) => domain?.hugepages === true,
        (names) => ({
          severity: 'hindrance',
          what: counted(names, 'uses huge pages of the host', 'use huge pages of the host'),
          why: 'KSM cannot merge huge pages, they are not swapped, and what a balloon returns stays reserved.',
          cure: [`virsh edit NAME: remove <hugepages/> from <memoryBacking>; ${NEXT_START}`],
        }),
      ),
  },
  {
    name: 'guest-locked',
    doc: 'the memory of a guest is locked',
    find: (facts) =>
      guestsWith(
        facts,
        ({ domain }) => domain?.locked === true,
        (names) => ({
          severity: 'hindrance',
          what: counted(names, 'has locked memory', 'have locked memory'),
          why: 'Locked memory is allocated in full and never swapped, so the host has no way out when memory runs short.',
          cure: [`virsh edit NAME: remove <locked/> from <memoryBacking>; ${NEXT_START}`],
        }),
      ),
  },
  {
    name: 'guest-devices',
    doc: 'a guest has a device of the host that pins its memory (VFIO, vDPA)',
    find: (facts) =>
      guestsWith(
        facts,
        ({ domain }) => (domain?.pinningDevices ?? 0) > 0,
        (names) => ({
          severity: 'hindrance',
          what: counted(
            names,
            'has a device of the host that pins its memory (VFIO or vDPA)',
            'have devices of the host that pin their memory (VFIO or vDPA)',
          ),
          why: 'All memory of such a guest stays allocated: its balloon returns nothing, and KSM merges nothing that lasts.',
          cure: ['use a virtio device instead, or count these guests as fully used when you plan the host'],
        }),
      ),
  },
  {
    name: 'guest-encryption',
    doc: 'the memory of a guest is encrypted (SEV, TDX)',
    find: (facts) =>
      guestsWith(
        facts,
        ({ domain }) => domain !== null && domain.launchSecurity !== null,
        (names) => ({
          severity: 'hindrance',
          what: counted(
            names,
            'has encrypted memory (SEV, TDX or similar)',
            'have encrypted memory (SEV, TDX or similar)',
          ),
          why: 'Encrypted pages are never equal, so KSM merges none, and they are pinned: the balloon returns little or nothing.',
          cure: ['count these guests as fully used when you plan the host; there is no setting that changes it'],
        }),
      ),
  },
  {
    name: 'guest-sharing',
    doc: 'KSM may not merge the pages of a guest, or cannot because they are shared with another process',
    find: (facts) =>
      guestsWith(
        facts,
        ({ domain }) => domain !== null && !domain.hugepages && (domain.nosharepages || domain.sharedMemory),
        (names) => ({
          severity: 'advice',
          what: counted(
            names,
            'is left out by KSM (nosharepages, or shared memory)',
            'are left out by KSM (nosharepages, or shared memory)',
          ),
          why: 'KSM merges only private memory that QEMU offers to it.',
          cure: [
            `virsh edit NAME: remove <nosharepages/>; ${NEXT_START}`,
            '<access mode="shared"/> is needed by vhost-user and virtiofs: without these, remove it',
          ],
        }),
      ),
  },
  {
    name: 'memory-groups',
    doc: 'guests are in a control group whose limit is less than their memory',
    find: (facts) => (facts.guests.isKnown ? limitedGroups(facts, facts.guests.value) : []),
  },
];

function limitedGroups({ memory }: Facts, guests: readonly GuestFacts[]): readonly Finding[] {
  const totalKib = memory.isKnown ? memory.value.totalKib : Infinity;
  const inGroup = new Map<string, { readonly group: MemoryGroup; readonly names: string[]; promisedKib: number }>();
  for (const { groups, name, maximumKib } of guests) {
    for (const group of groups.isKnown ? groups.value : []) {
      const entry = inGroup.get(group.file) ?? { group, names: [], promisedKib: 0 };
      entry.names.push(name);
      entry.promisedKib += maximumKib ?? 0;
      inGroup.set(group.file, entry);
    }
  }
  // A limit that all guests of the group together cannot reach changes nothing.
  const tight = [...inGroup.values()].filter(
    ({ group, promisedKib }) => group.limitKib < Math.min(totalKib, promisedKib),
  );
  // That a process cannot be read at all is said by another check.
  const unread = guests.find(({ process, groups }) => process.isKnown && !groups.isKnown)?.groups;
  return [
    ...tight.slice(0, MAX_GROUPS).map(({ group, names, promisedKib }): Finding => ({
      severity: 'hindrance',
      what: `the control group ${shown(group.path)} may use ${mib(group.limitKib)}, less than the ${mib(promisedKib)} of its ${names.length === 1 ? 'guest' : `${names.length} guests`}`,
      why: 'At the limit the group swaps and its processes are killed although the host has memory. Ballast looks at the memory of the host and does not see this.',
      cure: [
        `raise the limit in ${shown(group.file)}, where it was set: <memtune><hard_limit> of the guest, MemoryMax= or MemoryHigh= of the slice`,
      ],
      guests: names,
    })),
    ...(unread === undefined ? [] : judged(unread, 'the control groups of guests', () => null)),
  ];
}

function shown(path: string): string {
  return escapeControls(excerpt(path, 200));
}
