import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { test } from 'vitest';
import { bedPaths, Guest, GUEST_PREFIX, HostRoot, startBallast } from '../real-host/support/index.ts';

/**
 * Makes demo.jsonl.gz anew, from real guests: `sudo env BALLAST_MAKE_DEMO=1 npm run test:host`, 17 minutes. Four guests whose
 * demand rises and falls, on a host that runs short of memory twice, under Ballast with mom-balloon.policy and mom-ksm.policy at
 * their default intervals.
 */
const MINUTES = 16.5;

/** [minute, share of the host's memory that is free]; in between it moves evenly. */
const HOST_FREE: readonly (readonly [number, number])[] = [
  [0, 0.42], [1.5, 0.38], [2.5, 0.17], [5, 0.12], [6, 0.045], [6.8, 0.045], [7.5, 0.16], [8.5, 0.34], [11, 0.4], [11.7, 0.18], [13, 0.15], [13.7, 0.33], [16.5, 0.45],
];

/** [minute, guest, MiB that its programs hold]. */
const DEMAND: readonly (readonly [number, string, number])[] = [
  [0, 'web-1', 96], [0, 'web-2', 96], [0, 'db-1', 256], [0.5, 'batch-1', 32], [3, 'web-1', 160], [3.5, 'batch-1', 240], [5.5, 'web-2', 48],
  [7, 'batch-1', 32], [9, 'web-1', 240], [9.5, 'db-1', 384], [10.5, 'web-2', 200], [12.2, 'batch-1', 200], [13, 'web-1', 96], [14, 'batch-1', 0], [14.5, 'web-2', 96],
];

function freeAt(minute: number): number {
  const next = HOST_FREE.findIndex(([at]) => at > minute);
  if (next <= 0) return HOST_FREE.at(-1)![1];
  const [[from, low], [to, high]] = [HOST_FREE[next - 1]!, HOST_FREE[next]!];
  // A host is never quite still.
  return low + ((high - low) * (minute - from)) / (to - from) + 0.004 * Math.sin(minute * 9);
}

test('the demo', { timeout: (MINUTES + 5) * 60_000 }, async () => {
  const names = { 'web-1': 512, 'web-2': 512, 'db-1': 768, 'batch-1': 512 };
  const guests = await Guest.startAll(Object.entries(names).map(([name, memoryMib]) => ({ name, memoryMib, statsPeriodS: 2 })));
  const byName = new Map(Object.keys(names).map((name, index) => [name, guests[index]!]));
  const host = await HostRoot.create();
  await host.setFree(freeAt(0));
  const folder = await mkdtemp(join(bedPaths().temporary, 'demo-'));
  await writeFile(join(folder, 'ballast.yaml'), `host_root: ${host.path}\nrecord: {path: ${join(folder, 'demo.jsonl.gz')}}\n`);
  const root = join(import.meta.dirname, '../..');
  const policies = ['--policy', 'policies/mom-balloon.policy', '--policy', 'policies/mom-ksm.policy'];
  const ballast = startBallast(['run', '--config', join(folder, 'ballast.yaml'), ...policies], { cwd: root });
  await ballast.waitForLine(/"Connected/);

  const began = Date.now();
  const minute = () => (Date.now() - began) / 60_000;
  const demands = DEMAND.map(async ([at, name, mib]) => {
    await sleep(at * 60_000);
    await byName.get(name)!.fill(mib, name.startsWith('web') ? 'same' : 'random').catch((error: unknown) => console.log(`${name}: ${String(error)}`));
  });
  while (minute() < MINUTES) {
    await host.setFree(freeAt(minute()));
    await sleep(1000);
  }
  await Promise.all(demands);
  await ballast.stop('SIGTERM');
  const text = gunzipSync(await readFile(join(folder, 'demo.jsonl.gz'))).toString();
  // The prefix only says that a guest is a test's.
  await writeFile(join(root, 'test/recordings/demo.jsonl.gz'), gzipSync(text.replaceAll(GUEST_PREFIX, ''), { level: 9 }));
  await host.close();
});
