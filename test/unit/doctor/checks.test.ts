import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../../src/doctor/checks/index.ts';
import { diagnose } from '../../../src/doctor/diagnose.ts';
import { known, unknown, type Facts, type GuestFacts } from '../../../src/doctor/facts.ts';
import { guestDomain } from '../../support/builders.ts';
import { healthyFacts, healthyGuest } from '../../support/doctor-facts.ts';

const GIB = 1_048_576;
const CONFIGURED = healthyFacts().configured;

const good = { autodeflate: true, freePageReporting: true };
const withGuest = (changes: Partial<GuestFacts>): Partial<Facts> => ({ guests: known([healthyGuest(1, changes)]) });
const withDomain = (changes: Parameters<typeof guestDomain>[0]): Partial<Facts> =>
  withGuest({ domain: guestDomain({ ...good, ...changes }) });
const withMemory = (changes: object): Partial<Facts> => {
  const { memory } = healthyFacts();
  return { memory: memory.isKnown ? known({ ...memory.value, ...changes }) : memory };
};
const group = (limitKib: number) => ({ path: '/machine', file: '/sys/fs/cgroup/machine/memory.max', limitKib });

type Row = readonly [check: string, severity: string, facts: Partial<Facts>, what: string | RegExp];

/** What each check finds, and with which severity. */
const FOUND: readonly Row[] = [
  [
    'stop-file',
    'hindrance',
    { stopped: 'the stop file /run/ballast/stop is there' },
    'the stop file /run/ballast/stop is there',
  ],
  ['dry-run', 'advice', { configured: { ...CONFIGURED, dryRun: true } }, /dry_run is true/],
  [
    'ksm-permission',
    'hindrance',
    { ksmRefusal: known('run: no permission'), uid: 1000 },
    /^the user 1000 cannot write KSM settings: run/,
  ],
  ['ksm-permission', 'unknown', { ksmRefusal: unknown('no answer within 5 s') }, /no answer within 5 s/],
  [
    'qemu-permission',
    'hindrance',
    withGuest({ process: unknown('cannot read it (EACCES)') }),
    /^the QEMU process of 1 guest cannot be read: cannot read it/,
  ],
  ['node-version', 'hindrance', { nodeVersion: 'v20.18.9' }, 'Node.js v20.18.9 is too old'],
  ['node-version', 'hindrance', { nodeVersion: 'v18.20.4' }, 'Node.js v18.20.4 is too old'],
  [
    'libvirt',
    'unknown',
    { guests: unknown('there is no socket'), libvirtVersion: unknown('there is no socket') },
    'guests cannot be checked: there is no socket',
  ],
  ['libvirt', 'unknown', withGuest({ responds: false }), /^1 guest does not answer libvirt/],
  ['libvirt', 'unknown', withGuest({ domain: null }), /no readable definition/],
  ['libvirt-version', 'hindrance', { libvirtVersion: known(4_004_999) }, 'libvirt 4.4.999 is old'],
  ['libvirt-version', 'advice', { libvirtVersion: known(6_008_000) }, 'libvirt 6.8.0 is old'],
  ['libvirt-version', 'unknown', { libvirtVersion: unknown('no reply') }, /no reply/],
  ['ksm-absent', 'hindrance', { ksmRun: known(null) }, /^the kernel has no KSM/],
  ['ksm-absent', 'unknown', { ksmRun: unknown('run:1: expected a whole number') }, /expected a whole number/],
  ['ksm-off', 'hindrance', { ksmRun: known(0), daemon: null }, 'KSM is off (run is 0)'],
  [
    'ksm-off',
    'hindrance',
    { ksmRun: known(2), configured: { ...CONFIGURED, controlsKsm: false } },
    /merged pages were separated/,
  ],
  [
    'ksm-writers',
    'hindrance',
    { ksmWriters: known([{ name: 'ksmtuned', service: 'ksmtuned', pid: null }]) },
    'ksmtuned is running',
  ],
  [
    'ksm-writers',
    'hindrance',
    { ksmWriters: known([{ name: 'momd', service: null, pid: 77 }]) },
    'momd is running (process 77)',
  ],
  ['ksm-writers', 'unknown', { ksmWriters: unknown('cannot list /proc') }, /cannot list/],
  ['ksm-numa', 'advice', { ksmMergesAcrossNodes: known(0) }, /each of the 2 NUMA nodes/],
  ['ksm-numa', 'unknown', { numaNodes: unknown('odd') }, /odd/],
  ['swap', 'hindrance', withMemory({ swapKib: 0 }), 'the host has no swap'],
  ['swap', 'unknown', { memory: unknown('no MemTotal') }, /no MemTotal/],
  [
    'host-hugepages',
    'hindrance',
    withMemory({ hugepagesKib: 4 * GIB, unusedHugepagesKib: 2 * GIB }),
    '2048 MiB of 4096 MiB reserved as huge pages are not in use',
  ],
  ['thp', 'advice', { khugepagedEmptyPages: known(511) }, /up to 511 empty pages/],
  ['overcommit-mode', 'hindrance', { overcommitMode: known(2) }, /vm.overcommit_memory is 2/],
  ['pressure', 'advice', { hasPressure: known(false) }, /does not report memory pressure/],
  [
    'guest-device',
    'hindrance',
    withDomain({ balloonModel: 'none', statsPeriodS: null }),
    '1 guest has no balloon device',
  ],
  ['guest-period', 'advice', { ...withDomain({ statsPeriodS: 0 }), daemon: null }, /period is 0/],
  ['guest-period', 'hindrance', withDomain({ statsPeriodS: 0 }), /period is 0/],
  [
    'guest-period',
    'hindrance',
    { ...withDomain({ statsPeriodS: 0 }), daemon: null, configured: { ...CONFIGURED, statsPeriodS: 0 } },
    /period is 0/,
  ],
  ['guest-driver', 'hindrance', withGuest({ reportAgeS: null, lacking: ['available', 'unused'] }), /never reported/],
  ['guest-driver', 'hindrance', withGuest({ reportAgeS: null, upS: null }), /never reported/],
  ['guest-service', 'hindrance', withGuest({ reportAgeS: 21 }), '1 guest no longer reports statistics'],
  ['guest-statistics', 'hindrance', withGuest({ lacking: ['unused'] }), /only a part/],
  ['guest-autodeflate', 'advice', withDomain({ autodeflate: false }), '1 guest has a balloon without autodeflate'],
  ['guest-free-pages', 'advice', withDomain({ freePageReporting: false }), '1 guest does not report free pages'],
  ['guest-hugepages', 'hindrance', withDomain({ hugepages: true }), /huge pages of the host/],
  ['guest-locked', 'hindrance', withDomain({ locked: true }), /locked memory/],
  ['guest-devices', 'hindrance', withDomain({ pinningDevices: 1 }), /VFIO or vDPA/],
  ['guest-encryption', 'hindrance', withDomain({ launchSecurity: 'sev' }), /encrypted/],
  ['guest-sharing', 'advice', withDomain({ nosharepages: true }), /left out by KSM/],
  ['guest-sharing', 'advice', withDomain({ sharedMemory: true }), /left out by KSM/],
  [
    'memory-groups',
    'hindrance',
    withGuest({ groups: known([group(GIB - 1)]) }),
    /^the control group \/machine may use 1024 MiB, less than the 1024 MiB of its guest$/,
  ],
  ['memory-groups', 'unknown', withGuest({ groups: unknown('cannot read /proc/9/cgroup') }), /cannot read/],
];

/** Facts near the border of a check, on its harmless side. */
const HARMLESS: readonly (readonly [string, Partial<Facts>])[] = [
  ['KSM is off while a Ballast decides', { ksmRun: known(0) }],
  ['KSM that is absent cannot be off', { ksmRun: known(1), daemon: null }],
  [
    'KSM is not to be written',
    { ksmRefusal: known('no permission'), configured: { ...CONFIGURED, controlsKsm: false } },
  ],
  ['one NUMA node', { numaNodes: known(1), ksmMergesAcrossNodes: known(0) }],
  ['no NUMA', { numaNodes: known(null), ksmMergesAcrossNodes: known(0) }],
  ['a kernel that does not list swap', withMemory({ swapKib: null })],
  ['huge pages in use', withMemory({ hugepagesKib: 4 * GIB, unusedHugepagesKib: 0 })],
  ['no transparent huge pages', { transparentHugepages: known('never'), khugepagedEmptyPages: known(511) }],
  ['heuristic overcommit', { overcommitMode: known(0) }],
  ['a newer Node.js', { nodeVersion: 'v24.0.0' }],
  ['no guests', { guests: known([]) }],
  ['a guest that boots', withGuest({ reportAgeS: null, lacking: ['available', 'unused'], upS: 59 })],
  ['a paused guest', withGuest({ state: 'paused', reportAgeS: 9000 })],
  ['a report that is a little late', withGuest({ reportAgeS: 20 })],
  ['a limit of all that is promised', withGuest({ groups: known([group(GIB)]) })],
  ['a limit of more than the host has', withGuest({ maximumKib: 64 * GIB, groups: known([group(17 * GIB)]) })],
];

describe('the checks', () => {
  it('find nothing on a healthy host', () => {
    expect(diagnose(healthyFacts())).toEqual({ findings: [], checks: CHECKS.length });
  });

  it.each(FOUND)('%s is %s', (check, severity, facts, what) => {
    const { findings } = diagnose(healthyFacts(facts));
    const found = findings.filter((finding) => finding.check === check);
    expect(found).toEqual([
      expect.objectContaining({ severity, what: typeof what === 'string' ? what : expect.stringMatching(what) }),
    ]);
    // No other check blames the host for the same thing, but for facts that several need.
    expect(findings.filter((finding) => finding.check !== check && finding.severity !== 'unknown')).toEqual([]);
  });

  it.each(HARMLESS)('do not mind %s', (_, facts) => {
    expect(diagnose(healthyFacts(facts)).findings).toEqual([]);
  });

  it('all have a row here, a line in the documentation and a name of their own', () => {
    const names = CHECKS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !FOUND.some(([check]) => check === name))).toEqual([]);
    const page = readFileSync(join(import.meta.dirname, '../../../docs/doctor.md'), 'utf8');
    for (const { name, doc } of CHECKS) expect(page).toContain(`| \`${name}\` | ${doc} |`);
  });

  it.each(FOUND)('%s (%s) says why it matters and what to do, in whole sentences', (_check, _severity, facts) => {
    for (const { what, why, cure } of diagnose(healthyFacts(facts)).findings) {
      expect(what).not.toMatch(/[.\n]$|undefined|NaN|null/);
      expect(why).toMatch(/^[A-Z].*\.$/);
      expect(cure.join('\n')).toMatch(/\S/);
    }
  });

  it('name all guests of one kind in one finding', () => {
    const guests = [1, 2, 3].map((number) =>
      healthyGuest(number, { domain: guestDomain({ ...good, locked: number !== 2 }) }),
    );
    expect(diagnose(healthyFacts({ guests: known(guests) })).findings).toMatchObject([
      { check: 'guest-locked', what: '2 guests have locked memory', guests: ['guest-1', 'guest-3'] },
    ]);
  });

  it('add up the guests of a control group', () => {
    const guests = [1, 2].map((number) => healthyGuest(number, { groups: known([group(1.5 * GIB)]) }));
    expect(diagnose(healthyFacts({ guests: known(guests) })).findings).toMatchObject([
      { check: 'memory-groups', what: expect.stringContaining('1536 MiB, less than the 2048 MiB of its 2 guests') },
    ]);
  });

  it('list hindrances first, then advice, then what is unknown', () => {
    const { findings } = diagnose(
      healthyFacts({ ...withMemory({ swapKib: 0 }), hasPressure: known(false), ksmRun: unknown('odd') }),
    );
    expect(findings.map(({ severity }) => severity)).toEqual(['hindrance', 'advice', 'unknown']);
  });

  it('never throw, whatever is unknown', () => {
    const facts = Object.entries(healthyFacts()).flatMap(([key, value]) =>
      typeof value === 'object' && value !== null && 'isKnown' in value ? [key] : [],
    );
    fc.assert(
      fc.property(fc.subarray(facts), fc.string(), (lost, why) => {
        const { findings } = diagnose(healthyFacts(Object.fromEntries(lost.map((key) => [key, unknown(why)]))));
        expect(findings.every(({ severity }) => severity === 'unknown')).toBe(true);
      }),
    );
  });
});
