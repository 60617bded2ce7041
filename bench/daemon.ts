import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Measured } from './daemon-process.ts';
import { FakeHost } from './fake-host.ts';

/** Measured CPU time of one MOM interval under pressure, by guest count, without child processes. */
const MOM_MS: Readonly<Record<number, string>> = { 3: '17 to 33 ms', 100: '636 ms', 500: '3,345 ms' };

/** The options that bin/ballast passes to Node. */
const NODE_OPTIONS = ['--max-semi-space-size=4'];

/** Runs the intervals of a complete daemon back to back; the host alternates between ten intervals short of memory and ten not short. */
export async function benchDaemon(): Promise<string[][]> {
  const rows: string[][] = [];
  for (const [guests, intervals] of [
    [3, 1000],
    [100, 1000],
    [500, 1000],
    [1000, 1000],
  ] as const) {
    const { cpuMs, heldUpMs, rssWarmMb, rssEndMb } = await inOwnProcess(guests, intervals);
    rows.push([
      String(guests),
      `${cpuMs.toFixed(1)} ms`,
      MOM_MS[guests] ?? 'not measured',
      `${heldUpMs.map((ms) => ms.toFixed(1)).join(' / ')} ms`,
      `${rssWarmMb.toFixed(0)} MB`,
      `${rssEndMb.toFixed(0)} MB`,
      String(intervals),
    ]);
  }
  return rows;
}

/**
 * Measures each guest count in a separate process, so that memory use does not accumulate. The process runs a bundle without
 * the development tools, so that the figures match an installed Ballast.
 */
async function inOwnProcess(guests: number, intervals: number): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'ballast-bench-'));
  const socket = join(folder, 'libvirt.sock');
  const source = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const fake = fork(source('./fake-libvirtd-process.ts'), [socket, String(guests)], { execArgv: ['--import', 'tsx'] });
  try {
    await once(fake, 'message');
    const host = new FakeHost(join(folder, 'root'));
    await host.create(Array.from({ length: guests }, (_, n) => `guest-${n}`));
    const outfile = join(folder, 'daemon.mjs');
    const banner = {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    };
    await build({
      entryPoints: [source('./daemon-process.ts')],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      banner,
      logLevel: 'warning',
    });
    const policies = ['balloon', 'ksm'].map((name) => source(`../policies/${name}.policy`));
    const child = fork(outfile, [host.root, socket, String(intervals), ...policies], { execArgv: NODE_OPTIONS });
    const [measured] = (await once(child, 'message')) as [Measured];
    return measured;
  } finally {
    fake.disconnect();
    await rm(folder, { recursive: true });
  }
}
