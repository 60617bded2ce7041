import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bedPaths, libvirtd, virsh, waitFor } from '../support/index.ts';
import { FaultBed, nextMoves, type FaultRun } from './support/fault-bed.ts';
import { addRow, spanText } from './support/table.ts';
import { complaints, Watch } from './support/watch.ts';

let bed: FaultBed;
let run: FaultRun;

beforeAll(async () => {
  bed = await FaultBed.create(['one', 'two', 'three']);
  run = await bed.start('guests', ['plugins: saboteur.mjs']);
  for (const guest of bed.guests) await nextMoves(run, guest);
});

afterAll(async () => {
  await run?.ballast.stop('SIGTERM');
  await bed?.close();
});

const xmlOf = (domain: string): string => join(bedPaths().guests, domain, 'domain.xml');

/**
 * Has virsh run in mid-interval, then `after` it, waits until the guest is ballooned again (null: it is gone), and adds the row.
 * The other guests must not be harmed.
 */
async function sabotage(
  fault: string,
  command: readonly string[],
  { waits = true, after, back }: { waits?: boolean; after?: () => Promise<unknown>; back: string | null },
): Promise<void> {
  const others = bed.guests.slice(1);
  const watch = await Watch.begin(run, others);
  await bed.order(run, ['virsh', '-q', '-c', libvirtd.uri, ...command], { waits });
  await after?.();
  const sinceMs = performance.now();
  if (back !== null) await nextMoves(run, { domain: back }, 1);
  const ms = performance.now() - sinceMs;
  for (const guest of others) await nextMoves(run, guest, 1);
  const harm = await watch.end();
  expect(harm).toMatchObject({ guests: [], killedIn: [], belowFloor: 0, stackTraces: 0 });
  await addRow({
    fault: `A guest ${fault} in mid-interval, after it was read and before the decision`,
    did: `Logged ${complaints(watch.lines())}; moved the other balloons on${back === null ? '' : `, and this one ${spanText([ms])} after it was back`}`,
    lost: harm.lost,
  });
}

test('rebooted', async () => {
  const { domain } = bed.guests[0]!;
  await sabotage('rebooted', ['reset', domain], { back: domain });
});

test('saved to a file, as a migration to a file, and restored', async () => {
  const { domain } = bed.guests[0]!;
  const file = join(bed.folder, 'saved');
  const isGone = async (): Promise<boolean> => !(await virsh('list', '--name')).split('\n').includes(domain);
  await sabotage('saved (a migration to a file) and restored', ['save', domain, file], {
    waits: false,
    after: async () => {
      await waitFor('the guest to be saved', 60_000, isGone);
      await virsh('restore', file);
    },
    back: domain,
  });
});

test('destroyed', async () => {
  const { domain } = bed.guests[0]!;
  await sabotage('destroyed', ['destroy', domain], { back: null });
  expect(run.ballast.stderr.some((line) => line.includes(`guest:${domain} vanished`))).toBe(true);
});

test('created', async () => {
  const { domain } = bed.guests[0]!;
  await sabotage('created', ['create', xmlOf(domain)], { back: domain });
});

test('renamed', async () => {
  const { domain } = bed.guests[0]!;
  const uuid = await virsh('domuuid', domain);
  const persistent = `${xmlOf(domain)}.persistent`;
  const xml = await readFile(xmlOf(domain), 'utf8');
  await writeFile(persistent, xml.replace('</name>', `</name><uuid>${uuid}</uuid>`));
  await virsh('define', persistent);
  const renamed = `${domain}-renamed`;
  await sabotage('destroyed, and started again with another name and the same UUID,', ['destroy', domain], {
    after: async () => {
      await virsh('domrename', domain, renamed);
      await virsh('start', renamed);
    },
    back: renamed,
  });
});
