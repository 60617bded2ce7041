import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleDaemon, runDaemon } from './daemon-run.ts';

/** Measured CPU time of one MOM interval under pressure, by guest count, without child processes. */
const MOM_MS: Readonly<Record<number, string>> = { 3: '17 to 33 ms', 100: '636 ms', 500: '3,345 ms' };

const INTERVALS = 1000;

/** Runs the intervals of a complete daemon back to back; the host alternates between ten intervals short of memory and ten not short. */
export async function benchDaemon(): Promise<string[][]> {
  const checkout = fileURLToPath(new URL('..', import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'ballast-bench-'));
  const bundle = join(folder, 'daemon.mjs');
  await bundleDaemon(checkout, bundle);
  const rows: string[][] = [];
  for (const guests of [3, 100, 500, 1000]) {
    const measured = await runDaemon({ bundle, checkout, guests, intervals: INTERVALS });
    const { cpuMs, heldUpMs, rssWarmMb, rssEndMb } = measured;
    rows.push([
      String(guests),
      `${cpuMs.toFixed(1)} ms`,
      MOM_MS[guests] ?? 'not measured',
      `${heldUpMs.map((ms) => ms.toFixed(1)).join(' / ')} ms`,
      `${rssWarmMb.toFixed(0)} MB`,
      `${rssEndMb.toFixed(0)} MB`,
      String(INTERVALS),
    ]);
  }
  await rm(folder, { recursive: true });
  return rows;
}
