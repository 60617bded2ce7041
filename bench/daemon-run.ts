import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Measured } from './daemon-process.ts';
import { FakeHost } from './fake-host.ts';

/** The options that bin/ballast passes to Node. */
const NODE_OPTIONS = ['--max-semi-space-size=4'];

export interface DaemonRun {
  /** The file that {@link bundleDaemon} has written. */
  readonly bundle: string;
  /** The checkout whose policies it evaluates. */
  readonly checkout: string;
  readonly guests: number;
  readonly intervals: number;
  /** Further arguments of daemon-process.ts. */
  readonly options?: readonly string[];
  /** Called after each interval, before the daemon starts the next one; for this the daemon needs the option `--clients`. */
  readonly afterInterval?: (interval: number, hostRoot: string) => Promise<void>;
}

/**
 * Bundles the daemon of a checkout without the development tools, so that the figures match an installed Ballast.
 * @param outfile ends with .mjs
 */
export async function bundleDaemon(checkout: string, outfile: string): Promise<void> {
  await build({
    absWorkingDir: checkout,
    entryPoints: [join(checkout, 'bench/daemon-process.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'warning',
  });
}

/** Runs a daemon in a process of its own, against a fake libvirtd in another one, so that memory use does not accumulate. */
export async function runDaemon(run: DaemonRun): Promise<Measured> {
  const { bundle, checkout, guests, intervals, options = [], afterInterval } = run;
  const folder = await mkdtemp(join(tmpdir(), 'ballast-bench-'));
  const socket = join(folder, 'libvirt.sock');
  const fakeProcess = fileURLToPath(new URL('./fake-libvirtd-process.ts', import.meta.url));
  const fake = fork(fakeProcess, [socket, String(guests)], { execArgv: ['--import', 'tsx'] });
  try {
    await once(fake, 'message');
    const host = new FakeHost(join(folder, 'root'));
    await host.create(Array.from({ length: guests }, (_, n) => `guest-${n}`));
    const policies = ['mom-balloon', 'mom-ksm'].map((name) => join(checkout, `policies/${name}.policy`));
    const args = [...options, host.root, socket, String(intervals), ...policies];
    const child = fork(bundle, args, { execArgv: NODE_OPTIONS });
    const ended = endOf(child);
    try {
      for (;;) {
        const [message] = (await once(child, 'message', { signal: ended })) as [Measured | number];
        if (typeof message !== 'number') return message;
        await afterInterval?.(message, host.root);
        child.send('continue');
      }
    } finally {
      child.kill();
    }
  } finally {
    fake.disconnect();
    await rm(folder, { recursive: true });
  }
}

/** Aborted when a process ends with an error: it will send no message. */
function endOf(child: ReturnType<typeof fork>): AbortSignal {
  const ended = new AbortController();
  child.once('exit', (code) => {
    if (code !== 0) ended.abort(new Error(`the daemon ended with ${code}`));
  });
  return ended.signal;
}
