import type { ControlDecl } from '../src/model/control.ts';
import type { Action, GuardedRequest, Held, Plan } from '../src/model/decision.ts';
import {
  DISK_LIMITS,
  limitsIn,
  limitsText,
  type DiskLimit,
  type DiskLimits,
  type LimitsByDisk,
} from '../src/model/disk-tuning.ts';
import { safeGuestName } from '../src/model/guest-name.ts';
import { fieldOf } from '../src/model/sample.ts';
import { scalarText } from '../src/model/scalar-text.ts';
import { excerpt } from '../src/model/text.ts';
import type { GuestView, PolicyInput } from '../src/model/snapshot.ts';
import { defineController, type Change } from '../src/plugin/controller.ts';
import { OneByOne, tuningOutcome } from './support/tuning-outcome.ts';

const NAME = 'io-tune';

/** QEMU's highest limit. */
const MOST = 1_000_000_000_000_000;

/** Lower limits stop a disk, rather than slowing it down: a guest gives up on a request after 30 s. 0 is no limit. */
const LEAST = { bytes: 65_536, iops: 10 } as const;

const CONTROL: ControlDecl = {
  name: 'io_tune',
  scope: 'guest',
  type: 'string',
  unit: 'none',
  doc: `Limits of disks: ${DISK_LIMITS.join(', ')}; 0: no limit; those that are not named stay. DISK.setTotalIopsSec and its like request it, too`,
  source: 'libvirt virDomainSetBlockIoTune, live',
  example: '"vda total_iops_sec=1000; vdb read_bytes_sec=0"',
};

/** Limits the I/O of guests' disks; the collector guest-io-tune reads the present limits. */
export const ioTune = defineController({
  name: NAME,
  optIn: true,
  controls: [CONTROL],
  concurrency: 4,

  plan(requests, { guests, guestLayout }): Plan {
    const byUuid = new Map(guests.map((guest) => [guest.uuid, guest]));
    const actions: Action[] = [];
    const held: Held[] = [];
    for (const request of requests) {
      const { guest, asked, notes, reason, position, guard } = request;
      const view = guest === null ? undefined : byUuid.get(guest.uuid);
      const found = view === undefined ? 'the guest is not in this snapshot' : changeFor(request, view, guestLayout);
      const about = { controller: NAME, control: CONTROL.name, guest, wanted: asked };
      if (typeof found === 'string') held.push({ ...about, kind: 'held', why: found });
      else if (found === null) held.push({ ...about, kind: 'unchanged', why: 'the disks already have these limits' });
      else {
        const change: Change = { control: CONTROL.name, guest, ...found };
        const action = { controller: NAME, ...change, message: describe(change), reason, position, notes };
        actions.push({ ...action, ...(guard !== undefined && { guard }) });
      }
    }
    return { actions, held };
  },

  describe,

  values: ({ guests, guestLayout }) =>
    guests.flatMap(({ name, uuid, samples }) => {
      const value = fieldOf(guestLayout, samples, 'io_tune_current');
      return typeof value === 'string' ? [{ control: CONTROL.name, guest: { name, uuid }, value }] : [];
    }),

  create({ hypervisor, callTimeoutMs }) {
    const oneByOne = new OneByOne();
    return {
      apply(action, signal) {
        const { guest, to } = action;
        const byDisk = typeof to === 'string' ? limitsIn(to) : 'not a text';
        if (guest === null || typeof byDisk === 'string')
          throw new Error(`not an action of ${NAME}: ${action.message}`);
        return oneByOne.run(guest.uuid, () =>
          tuningOutcome(action, signal, callTimeoutMs, async (limited) => {
            for (const [disk, limits] of byDisk) {
              const after = await hypervisor.tuning.setDisk(guest, disk, limits, limited);
              const wrong = DISK_LIMITS.find((name) => limits[name] !== undefined && after[name] !== limits[name]);
              if (wrong !== undefined)
                return `libvirt accepted ${wrong}=${limits[wrong]} for ${disk} but reports ${after[wrong] ?? 'nothing'}`;
            }
            return null;
          }),
        );
      },
    };
  },
});

/** What changes; null: nothing; a text: why it is held back. */
function changeFor(
  { value }: GuardedRequest,
  { samples }: GuestView,
  layout: PolicyInput['guestLayout'],
): { readonly from: string; readonly to: string } | string | null {
  if (typeof value !== 'string') return `io_tune must be a text; the policy requested ${excerpt(scalarText(value))}`;
  const wanted = limitsIn(value);
  if (typeof wanted === 'string') return wanted;
  const text = fieldOf(layout, samples, 'io_tune_current');
  const current = typeof text === 'string' ? limitsIn(text) : null;
  if (current === null || typeof current === 'string')
    return 'the present limits of its disks are unknown; is the collector guest-io-tune in the config?';
  const before = new Map<string, DiskLimits>();
  const after = new Map<string, DiskLimits>();
  for (const [disk, limits] of wanted) {
    const present = current.get(disk);
    if (present === undefined) return noDisk(disk, current);
    const wrong = wrongIn(limits) ?? contradiction({ ...present, ...limits });
    if (wrong !== null) return `${excerpt(disk)}: ${wrong}`;
    const changed = DISK_LIMITS.filter((name) => limits[name] !== undefined && limits[name] !== present[name]);
    if (changed.length === 0) continue;
    before.set(disk, among(changed, present));
    after.set(disk, among(changed, limits));
  }
  return after.size === 0 ? null : { from: limitsText(before), to: limitsText(after) };
}

function noDisk(disk: string, current: LimitsByDisk): string {
  const known = [...current.keys()].slice(0, 8).map((name) => excerpt(name));
  return `the guest has no disk ${excerpt(disk)} with known limits; it has ${known.join(', ')}`;
}

function wrongIn(limits: DiskLimits): string | null {
  for (const name of DISK_LIMITS) {
    const value = limits[name];
    if (value === undefined || value === 0) continue;
    const least = name.includes('bytes') ? LEAST.bytes : LEAST.iops;
    if (!Number.isInteger(value) || value < least || value > MOST)
      return `${name} must be 0 (no limit) or ${least} to ${MOST}, found ${value}`;
  }
  return null;
}

/** QEMU accepts a limit of the total, or limits of reads and writes. */
function contradiction(limits: DiskLimits): string | null {
  for (const what of ['bytes', 'iops'] as const) {
    const [total, read, write] = [limits[`total_${what}_sec`], limits[`read_${what}_sec`], limits[`write_${what}_sec`]];
    if (total && (read || write))
      return `total_${what}_sec cannot be combined with read_${what}_sec or write_${what}_sec: one of them must be 0`;
  }
  return null;
}

function among(names: readonly DiskLimit[], limits: DiskLimits): DiskLimits {
  return Object.fromEntries(names.flatMap((name) => (limits[name] === undefined ? [] : [[name, limits[name]]])));
}

function describe({ guest, from, to }: Change): string {
  return `Disk limits guest:${safeGuestName(guest?.name ?? '')} from ${String(from)} to ${String(to)}`;
}
