import { describe, expect, it } from 'vitest';
import { guestBalloon } from '../../../collectors/guest-balloon.ts';
import { guestGuards } from '../../../collectors/guest-guards.ts';
import { guestWrites } from '../../../collectors/guest-writes.ts';
import { guestDomain } from '../../../collectors/guest-domain.ts';
import { BALLOONING_OFF } from '../../../src/model/ballooning.ts';
import { NEWER_GUEST_FIELDS } from '../../../src/model/newer-fields.ts';
import type { GuestReading } from '../../../src/ports/hypervisor.ts';
import { guestDomain as domain, reading } from '../../support/builders.ts';
import { collectGuest } from '../../support/kernel.ts';

const LIMITS = { balloonMinKib: null, ballooning: false };

describe('guest-domain', () => {
  it.each<[string | null, Partial<GuestReading>, 'config' | 'label' | null]>([
    [null, {}, null],
    ['unreadable XML', { domain: null }, null],
    ['no device', { domain: domain({ balloonModel: 'none' }) }, null],
    ['metadata', { metadata: { ...LIMITS, labels: '' } }, null],
    ['oVirt', { ovirt: LIMITS }, null],
    ['config', {}, 'config'],
    ['label', {}, 'label'],
    ['hugepages', { domain: domain({ hugepages: true, locked: true, pinningDevices: 1 }) }, null],
    ['VFIO', { domain: domain({ pinningDevices: 1 }) }, null],
    ['locked', { domain: domain({ locked: true }) }, null],
    ['encrypted memory', { domain: domain({ launchSecurity: 'sev' }) }, null],
    [null, { domain: domain({ hostDevices: 1, sharedMemory: true, nosharepages: true, autodeflate: true }) }, null],
  ])('has ballooning_off %s', async (off, changes, chosen) => {
    const found = await collectGuest(guestDomain, reading(1, changes), { ballooningOff: () => chosen });
    expect(found['ballooning_off']).toBe(off);
    if (off !== null) expect(BALLOONING_OFF).toHaveProperty([off]);
  });

  it('has all of its fields in the list of those that older recordings lack', () => {
    const others = ['uptime', 'mem_used', ...[...guestGuards.fields, ...guestWrites.fields].map(({ name }) => name)];
    expect([...guestDomain.fields.map(({ name }) => name), ...others].sort()).toEqual([...NEWER_GUEST_FIELDS].sort());
    expect(guestDomain.fields.every(({ optional }) => optional)).toBe(true);
  });

  it.each<[number, number, number, number]>([
    [64, 4, 60, 4],
    [64, 14, 50, 14],
    [64, 64, 0, 64],
    // More was plugged since the XML was read.
    [64, 10, 60, 10],
    [64, 10, 100, 10],
  ])('leaves %d KiB with %d in use and %d not plugged a maximum of %d', async (max, cur, notPluggedKib, expected) => {
    const balloon = { maximumKib: max, currentKib: cur, other: {} };
    const guest = reading(1, { balloon, domain: domain({ notPluggedKib }) });
    expect((await collectGuest(guestBalloon, guest, {}))['balloon_max']).toBe(expected);
  });
});
