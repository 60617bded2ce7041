import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { bedPaths, Guest, GUEST_PREFIX, pausedGuest, runBallast, virsh, waitFor } from './support/index.ts';

interface Finding {
  readonly check: string;
  readonly severity: 'hindrance' | 'advice' | 'unknown';
  readonly guests?: readonly string[];
}

const BALLOON = `<memballoon model='virtio' autodeflate='on' freePageReporting='on'><stats period='2'/></memballoon>`;
const GOOD = { autodeflate: true, balloonAttributes: `freePageReporting='on'` };

/** @returns false: this machine is a container that may not raise the limit of locked memory */
async function startLocked(): Promise<boolean> {
  const extra = `<memtune><hard_limit unit='MiB'>1024</hard_limit></memtune><memoryBacking><locked/></memoryBacking>`;
  try {
    await pausedGuest('locked', 64, { balloon: BALLOON, extra });
    return true;
  } catch (error) {
    if (String(error).includes('cannot limit locked memory')) return false;
    throw error;
  }
}

/** What `ballast doctor` finds about real guests, each with one thing that hinders it, and about one with none. */
describe('ballast doctor', () => {
  let folder: string;
  let config: string;
  let healthy: Guest;

  beforeAll(async () => {
    folder = await mkdtemp(join(bedPaths().temporary, 'doctor-'));
    config = join(folder, 'ballast.yaml');
    await writeFile(config, `policy: ${join(import.meta.dirname, '../../policies/mom-balloon.policy')}\n`);
    healthy = await Guest.start({ name: 'healthy', memoryMib: 192, ...GOOD });
  });

  async function doctor() {
    const { code, stdout, stderr } = await runBallast(['doctor', '--json', '--config', config]);
    expect(stderr).toBe('');
    const { findings, checks } = JSON.parse(stdout) as { findings: readonly Finding[]; checks: number };
    // Also of the machine, which the test does not choose.
    const severities = new Set(findings.map(({ severity }) => severity));
    expect(code).toBe(severities.has('hindrance') ? 1 : severities.has('unknown') ? 2 : 0);
    const guests = Object.fromEntries(
      findings.flatMap(({ check, severity, guests }) =>
        guests === undefined || guests.length === 0
          ? []
          : [[check, `${severity}: ${guests.map((name) => name.replace(GUEST_PREFIX, '')).join(' ')}`]],
      ),
    );
    return { guests, findings, checks, code };
  }

  test('finds nothing wrong with a healthy guest, also while it boots', async () => {
    for (const step of [() => healthy.waitBooted(), () => healthy.setMemory(160 * 1024)]) {
      expect((await doctor()).guests).toEqual({});
      await step();
    }
    await waitFor('its report', 60_000, async () => ((await healthy.memoryStats()).get('last_update') ?? 0) > 0);
    expect((await doctor()).guests).toEqual({});
    expect((await doctor()).findings.filter(({ severity }) => severity === 'unknown')).toEqual([]);
  });

  test('names what hinders each of the others', async () => {
    const stopped = await Guest.start({ name: 'stopped', memoryMib: 192, ...GOOD });
    const driverless = await Guest.start({ name: 'driverless', memoryMib: 192, balloonDriver: false, ...GOOD });
    await pausedGuest('no-device', 64, { balloon: `<memballoon model='none'/>` });
    await pausedGuest('no-period', 64, { balloon: BALLOON.replace(`<stats period='2'/>`, '') });
    await pausedGuest('plain', 64, { balloon: `<memballoon model='virtio'><stats period='2'/></memballoon>` });
    await pausedGuest('apart', 64, { balloon: BALLOON, extra: '<memoryBacking><nosharepages/></memoryBacking>' });
    const canLock = await startLocked();
    await pausedGuest('shared', 64, {
      balloon: BALLOON,
      extra: `<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>`,
    });
    const limited = await pausedGuest('limited', 768, { balloon: BALLOON });
    await virsh('memtune', limited, '--hard-limit', String(512 * 1024), '--live');
    await Promise.all([stopped, driverless].map((guest) => guest.waitBooted()));
    await waitFor('its first report', 60_000, async () => ((await stopped.memoryStats()).get('last_update') ?? 0) > 0);
    await stopped.command('balloon off');
    // A guest that runs for less than a minute may still be booting, and a report may be late.
    const wanted = ['guest-driver', 'guest-service'];
    const found = await waitFor('all findings', 120_000, async () => {
      const { guests, code } = await doctor();
      return wanted.every((check) => check in guests) ? { guests, code } : null;
    });
    expect(found).toEqual({
      code: 1,
      guests: {
        'guest-device': 'hindrance: no-device',
        'guest-period': 'advice: no-period',
        'guest-driver': 'hindrance: driverless',
        'guest-service': 'hindrance: stopped',
        'guest-autodeflate': 'advice: plain',
        'guest-free-pages': 'advice: plain',
        ...(canLock && { 'guest-locked': 'hindrance: locked' }),
        'guest-sharing': 'advice: apart shared',
        'memory-groups': 'hindrance: limited',
      },
    });
  });
});
